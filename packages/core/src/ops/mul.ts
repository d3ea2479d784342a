// mul(x, y): elementwise product. `x: [...], y: [...] -> [...]`, one shape.
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const mul: Primitive<NoAttrs, [x: Value, y: Value]> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ b, inputs: [x, y], outputGradients: [dz] }) => [b.op.mul(dz, y), b.op.mul(dz, x)],
};
