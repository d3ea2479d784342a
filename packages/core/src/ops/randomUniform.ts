import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link randomUniform}. */
export type RandomUniformAttrs = {
  /** The result's shape. */
  readonly shape: readonly number[];
  /** The second word of the key, an unsigned 32-bit integer: `streamKey(name)`. */
  readonly stream: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Uniform random numbers in [0, 1), 24 bits each, from Threefry-2x32-20 (Salmon et al. 2011): the same bits on every
     * backend.
     *
     * `random: uint32 [3] = [seed, time, first] -> float32 shape`. Element i (row-major) is drawn with the key `(seed, stream)`
     * at the counter `(first * (values per sample) + i, time)`. `first` is the position of sample 0 in the whole batch, so
     * shards of a batch draw the same numbers as the whole batch. No gradient flows through it. A kernel on the host can call
     * `drawUniform`.
     * @throws ShapeError unless random is uint32 `[3]`
     */
    readonly randomUniform: Primitive<[random: Value], RandomUniformAttrs>;
  }
}

export const randomUniform: Definition<'randomUniform'> = {
  kind: 'primitive',
  inputs: ['random'],
  infer: ([random], { shape }, fail) => {
    if (random.dtype !== 'uint32' || random.shape.length !== 1 || random.shape[0] !== 3) {
      throw fail(`expected uint32 [3] = [seed, time, first], got ${typeText(random)}`);
    }
    return [{ dtype: 'float32', shape }];
  },
  resultShape: 'shape',
  // A sample's numbers depend only on its position in the batch. Numbers that are not drawn per image differ between shards.
  batch: ([random], { shape }, _, images) => [
    random === 'none' && shape[0] === images ? { axis: 0 } : 'summed',
  ],
};
