// oneHot(labels): 1 in the column of the label, else 0; a label outside 0..depth-1 gives a row of zeros.
// `labels: int32 [N] -> float32 [N, depth]`. No gradient.
import type { Value } from '../builder.ts';
import { typeText } from '../tensor.ts';
import type { Primitive } from './definition.ts';

export type OneHotAttrs = { readonly depth: number };

export const oneHot: Primitive<OneHotAttrs, [labels: Value]> = {
  kind: 'primitive',
  inputs: ['labels'],
  infer: ([labels], { depth }, fail) => {
    const [n] = labels.shape;
    if (labels.dtype !== 'int32' || labels.shape.length !== 1 || n === undefined) {
      throw fail(`expected labels int32 [N], got ${typeText(labels)}`);
    }
    return [{ dtype: 'float32', shape: [n, depth] }];
  },
};
