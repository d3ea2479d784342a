// sqrt(x): the elementwise square root. `x: [...] -> [...]`
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const sqrt: Primitive<NoAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ b, outputs: [y], outputGradients: [dy] }) => [b.op.div(b.op.mul(dy, b.fill(0.5, y.shape)), y)],
};
