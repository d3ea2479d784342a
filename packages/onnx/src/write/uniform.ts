// The random numbers that an exported graph is fed: ONNX has no generator that gives the same bits everywhere.
import type { TensorOf } from '@isonet/core';
import { drawUniform as draw, float32 } from '@isonet/core';

/** An input of an exported graph: the numbers of a randomUniform node. */
export interface UniformInput {
  /** In ONNX: `uniform/<layer>`. */
  readonly name: string;
  /** The graph's input that holds the key and the counter, `uint32 [3] = [seed, time, first]`. */
  readonly random: string;
  /** The node's `stream` attribute: the second word of the key. */
  readonly stream: number;
  /** Of the numbers that are drawn. */
  readonly shape: readonly number[];
}

/**
 * Draws the numbers of a randomUniform node, in [0, 1), of the input's shape: feed them to the input of this name.
 * @param random `[seed, time, first]`
 * @throws DataError `LENGTH` when it is shorter
 */
export function drawUniform(
  { stream, shape }: Pick<UniformInput, 'stream' | 'shape'>,
  random: ArrayLike<number> & Iterable<number>,
): TensorOf<'float32'> {
  return float32(shape, draw(random, { shape, stream }));
}
