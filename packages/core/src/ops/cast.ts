// cast(x): another dtype. `x: bool | int32 | float32 [...] -> float32 | int32 [...]`
// bool gives 0 and 1; float32 to int32 cuts towards 0, for values within int32. No gradient.
import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';

export type CastAttrs = { readonly to: 'float32' | 'int32' };

declare module './signatures.ts' {
  interface Signatures {
    cast: Primitive<[x: Value], CastAttrs>;
  }
}

export const cast: Definition<'cast'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { to }, fail) => {
    if (x.dtype === to || !['bool', 'int32', 'float32'].includes(x.dtype)) {
      throw fail(`cannot cast ${typeText(x)} to ${to}`);
    }
    return [{ dtype: to, shape: x.shape }];
  },
  batch: (inputs) => [joined(inputs)],
};
