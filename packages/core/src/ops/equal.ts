// equal(x, y): x = y, elementwise; false for NaN. `x: [...], y: [...] -> bool [...]`, one shape. No gradient.
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const equal: Primitive<NoAttrs, [x: Value, y: Value]> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [{ dtype: 'bool', shape: sameFloat(inputs, fail).shape }],
};
