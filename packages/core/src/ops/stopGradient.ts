// stopGradient(x): x itself, but no gradient flows back through it. `x: [...] -> [...]`
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const stopGradient: Primitive<NoAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
};
