// The random numbers that an exported graph is fed: ONNX has no generator that gives the same bits everywhere.
import type { TensorOf } from '@isonet/core';
import { DataError, float32, sizeOf, uniformBlock } from '@isonet/core';

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
 * @throws DataError when it is shorter
 */
export function drawUniform(
  { stream, shape }: Pick<UniformInput, 'stream' | 'shape'>,
  random: ArrayLike<number> & Iterable<number>,
): TensorOf<'float32'> {
  const [seed, time, first] = random;
  if (seed === undefined || time === undefined || first === undefined) {
    throw new DataError('LENGTH', `random: expected [seed, time, first], got ${random.length} numbers`);
  }
  const perSample = sizeOf(shape.slice(1));
  return float32(shape, uniformBlock(seed, stream, time, first * perSample, sizeOf(shape)));
}
