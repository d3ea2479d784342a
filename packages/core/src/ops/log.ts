// log(x): elementwise natural logarithm. `x: [...] -> [...]`
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const log: Primitive<NoAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => [b.op.div(dy, x)],
};
