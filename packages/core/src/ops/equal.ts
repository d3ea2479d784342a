import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise x = y, false for NaN: `x: [...], y: [...] -> bool [...]`, all of the same shape. No
     * gradient flows through it.
     * @throws ShapeError unless x and y are float32 of the same shape
     */
    readonly equal: Primitive<[x: Value, y: Value]>;
  }
}

export const equal: Definition<'equal'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [{ dtype: 'bool', shape: sameFloat(inputs, fail).shape }],
  batch: (inputs) => [joined(inputs)],
};
