import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise square root: `x: [...] -> [...]`.
     * @throws ShapeError unless x is float32
     */
    readonly sqrt: Primitive<[x: Value]>;
  }
}

export const sqrt: Definition<'sqrt'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, outputs: [y], outputGradients: [dy] }) => [b.op.div(b.op.mul(dy, b.fill(0.5, y.shape)), y)],
};
