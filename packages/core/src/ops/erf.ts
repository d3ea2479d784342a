import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x: `x: [...] -> [...]`.
     * @throws ShapeError unless x is float32
     */
    readonly erf: Primitive<[x: Value]>;
  }
}

export const erf: Definition<'erf'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => {
    const bell = b.op.exp(b.op.mul(b.op.mul(x, x), b.fill(-1, x.shape)));
    return [b.op.mul(dy, b.op.mul(bell, b.fill(2 / Math.sqrt(Math.PI), x.shape)))];
  },
};
