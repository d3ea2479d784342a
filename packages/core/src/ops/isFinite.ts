// isFinite(x): neither NaN nor infinite, elementwise. `x: [...] -> bool [...]`. No gradient.
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const isFinite: Primitive<NoAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [{ dtype: 'bool', shape: sameFloat(inputs, fail).shape }],
};
