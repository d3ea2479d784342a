// The random numbers that an exported graph is fed: ONNX has no generator that gives the same bits everywhere.
import type { TensorOf } from '@isonet/core';
import { float32, sizeOf, uniformBlock } from '@isonet/core';

/** An input of an exported graph: the numbers of a randomUniform node. */
export interface UniformInput {
  /** In ONNX: `uniform/<layer>`. */
  readonly name: string;
  /** The graph's input that holds the key and the counter, `uint32 [3] = [seed, time, first]`. */
  readonly random: string;
  readonly stream: number;
  readonly shape: readonly number[];
}

/**
 * What a randomUniform node gives, see core: numbers in [0, 1), of the input's shape.
 * @param random `[seed, time, first]`
 */
export function drawUniform(
  { stream, shape }: Pick<UniformInput, 'stream' | 'shape'>,
  [seed = 0, time = 0, first = 0]: ArrayLike<number> & Iterable<number>,
): TensorOf<'float32'> {
  const perSample = sizeOf(shape.slice(1));
  return float32(shape, uniformBlock(seed, stream, time, first * perSample, sizeOf(shape)));
}
