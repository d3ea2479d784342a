import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link oneHot}. */
export type OneHotAttrs = {
  /** The number of classes. */
  readonly depth: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * One row per label, 1 in the label's column and 0 elsewhere: `labels: int32 [N] -> float32 [N, depth]`.
     *
     * A label outside 0..depth-1 yields a row of zeros. No gradient flows through it.
     * @throws ShapeError unless labels is int32 `[N]` and `depth` is an integer of at least 1
     */
    readonly oneHot: Primitive<[labels: Value], OneHotAttrs>;
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
