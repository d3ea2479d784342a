// greater(x, y): x > y, elementwise; false for NaN. `x: [...], y: [...] -> bool [...]`, one shape. No gradient.
import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    greater: Primitive<[x: Value, y: Value]>;
  }
}

export const greater: Definition<'greater'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [{ dtype: 'bool', shape: sameFloat(inputs, fail).shape }],
  batch: (inputs) => [joined(inputs)],
};
