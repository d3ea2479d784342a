import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise natural logarithm: `x: [...] -> [...]`.
     * @throws ShapeError unless x is float32
     */
    readonly log: Primitive<[x: Value]>;
  }
}

export const log: Definition<'log'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => [b.op.div(dy, x)],
};
