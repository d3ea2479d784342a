import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise e^x: `x: [...] -> [...]`.
     * @throws ShapeError unless x is float32
     */
    readonly exp: Primitive<[x: Value]>;
  }
}

export const exp: Definition<'exp'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, outputs: [y], outputGradients: [dy] }) => [b.op.mul(dy, y)],
};
