// sub(x, y): elementwise difference x - y. `x: [...], y: [...] -> [...]`, one shape.
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const sub: Primitive<NoAttrs, [x: Value, y: Value]> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ b, outputGradients: [dz] }) => [dz, b.op.mul(dz, b.fill(-1, dz.shape))],
};
