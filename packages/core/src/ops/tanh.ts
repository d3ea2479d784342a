import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise hyperbolic tangent: `x: [...] -> [...]`.
     * @throws ShapeError unless x is float32
     */
    readonly tanh: Primitive<[x: Value]>;
  }
}

export const tanh: Definition<'tanh'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, outputs: [y], outputGradients: [dy] }) => {
    const slope = b.op.sub(b.fill(1, y.shape), b.op.mul(y, y));
    return [b.op.mul(dy, slope)];
  },
};
