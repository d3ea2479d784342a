// isFinite(x): neither NaN nor infinite, elementwise. `x: [...] -> bool [...]`. No gradient.
import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    isFinite: Primitive<[x: Value]>;
  }
}

export const isFinite: Definition<'isFinite'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [{ dtype: 'bool', shape: sameFloat(inputs, fail).shape }],
  batch: (inputs) => [joined(inputs)],
};
