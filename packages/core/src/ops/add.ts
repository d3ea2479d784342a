// add(x, y): elementwise sum. `x: [...], y: [...] -> [...]`, one shape.
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const add: Primitive<NoAttrs, [x: Value, y: Value]> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ outputGradients: [dz] }) => [dz, dz],
};
