// div(x, y): elementwise quotient x / y. `x: [...], y: [...] -> [...]`, one shape.
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const div: Primitive<NoAttrs, [x: Value, y: Value]> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ b, inputs: [, y], outputs: [z], outputGradients: [dz] }) => {
    const dx = b.op.div(dz, y);
    return [dx, b.op.mul(b.op.mul(dx, z), b.fill(-1, z.shape))];
  },
};
