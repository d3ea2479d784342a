// exp(x): elementwise e^x. `x: [...] -> [...]`
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const exp: Primitive<NoAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ b, outputs: [y], outputGradients: [dy] }) => [b.op.mul(dy, y)],
};
