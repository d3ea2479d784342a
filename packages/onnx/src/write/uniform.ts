// Draws the random numbers to feed to an exported graph: ONNX has no generator that returns the same bits on every runtime.
import type { TensorOf } from '@isonet/core';
import { drawUniform as draw, float32 } from '@isonet/core';

/** An input of an exported graph, for the random numbers of a randomUniform node. */
export interface UniformInput {
  /** Its name in the file: `uniform/<layer>`. */
  readonly name: string;
  /** The graph's input that holds the key and the counter, `uint32 [3] = [seed, time, first]`. */
  readonly random: string;
  /** The node's `stream` attribute: the second word of the key. */
  readonly stream: number;
  /** The shape of the random numbers. */
  readonly shape: readonly number[];
}

/**
 * Draws the random numbers of a randomUniform node, in [0, 1). Feed them to the input.
 * @param random `[seed, time, first]`
 * @throws DataError `LENGTH` if `random` has fewer than three elements
 */
export function drawUniform(
  { stream, shape }: Pick<UniformInput, 'stream' | 'shape'>,
  random: ArrayLike<number> & Iterable<number>,
): TensorOf<'float32'> {
  return float32(shape, draw(random, { shape, stream }));
}
