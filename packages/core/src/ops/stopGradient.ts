import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Returns x unchanged, but no gradient flows back through it: `x: [...] -> [...]`.
     * @throws ShapeError unless x is float32
     */
    readonly stopGradient: Primitive<[x: Value]>;
  }
}

export const stopGradient: Definition<'stopGradient'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
};
