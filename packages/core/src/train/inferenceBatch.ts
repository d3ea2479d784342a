// The default batch size of inference, where the size does not affect the results.
import { sizeOf } from '../tensor.ts';
import type { Model } from './model.ts';

/** The batch size for small samples. */
const MAX_BATCH = 256;
/**
 * The maximum number of elements in a batch of inputs (55 images of 3x224x224). Activations need tens of
 * times as much memory.
 */
const MAX_ELEMENTS = 2 ** 23;

/**
 * Returns the default batch size of `evaluate`: 256, or the largest power of two whose inputs have at most 2^23 elements, e.g.
 * 32 images of 3x224x224. With 256 such images, even a small network needs 5 GB.
 */
export function inferenceBatchSize({ input }: Pick<Model, 'input'>): number {
  const fitting = Math.floor(MAX_ELEMENTS / Math.max(1, sizeOf(input.shape)));
  return Math.min(MAX_BATCH, 2 ** Math.floor(Math.log2(Math.max(1, fitting))));
}
