// argMax(x): the index of the largest value along an axis, the first of a tie; the axis stays with size 1.
// `x: [N, K], axis 1 -> int32 [N, 1]`. No gradient.
import type { Value } from '../graph/value.ts';
import { reducedBatch, reducedType } from './axes.ts';
import type { Definition } from './definition.ts';

export type ArgMaxAttrs = { readonly axis: number };

declare module './signatures.ts' {
  interface Signatures {
    argMax: Primitive<[x: Value], ArgMaxAttrs>;
  }
}

export const argMax: Definition<'argMax'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { axis }, fail) => [{ dtype: 'int32', shape: reducedType(x, [axis], fail).shape }],
  batch: ([x], { axis }) => [reducedBatch(x, [axis])],
};
