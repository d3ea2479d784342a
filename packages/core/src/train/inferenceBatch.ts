// How many samples a network takes at a time where nothing is learned, and the number makes no difference to the results.
import { sizeOf } from '../tensor.ts';
import type { Model } from './model.ts';

/** Of small samples. */
const MOST = 256;
/** Numbers in a batch of inputs: a network's activations take tens of times the memory. 55 images of 3x224x224. */
const NUMBERS = 2 ** 23;

/**
 * How many samples `evaluate` takes at a time by default: 256, or the largest power of two whose inputs hold at most 2^23 numbers, 32
 * images of 3x224x224, say. With 256 of those a small network takes 5 GB.
 */
export function inferenceBatchSize({ input }: Pick<Model, 'input'>): number {
  const fitting = Math.floor(NUMBERS / Math.max(1, sizeOf(input.shape)));
  return Math.min(MOST, 2 ** Math.floor(Math.log2(Math.max(1, fitting))));
}
