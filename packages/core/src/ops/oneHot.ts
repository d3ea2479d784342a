// oneHot(labels): 1 in the column of the label, else 0; a label outside 0..depth-1 gives a row of zeros.
// `labels: int32 [N] -> float32 [N, depth]`. No gradient.
import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';

export type OneHotAttrs = { readonly depth: number };

declare module './signatures.ts' {
  interface Signatures {
    oneHot: Primitive<[labels: Value], OneHotAttrs>;
  }
}

export const oneHot: Definition<'oneHot'> = {
  kind: 'primitive',
  inputs: ['labels'],
  infer: ([labels], { depth }, fail) => {
    const [n] = labels.shape;
    if (labels.dtype !== 'int32' || labels.shape.length !== 1 || n === undefined) {
      throw fail(`expected labels int32 [N], got ${typeText(labels)}`);
    }
    return [{ dtype: 'float32', shape: [n, depth] }];
  },
  batch: ([labels]) => [labels],
};
