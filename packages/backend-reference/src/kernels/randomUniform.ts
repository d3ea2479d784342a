// Threefry's numbers in [0, 1), as core draws them. `random: uint32 [3] = [seed, time, first] -> shape`
import type { NodeOf } from '@isonet/core';
import { sizeOf, uniformBlock } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function randomUniform(
  { attrs: { shape, stream } }: NodeOf<'randomUniform'>,
  operands: Operands,
): Float64Array {
  const [seed = 0, time = 0, first = 0] = operands.data(0);
  const perSample = sizeOf(shape.slice(1));
  return Float64Array.from(uniformBlock(seed, stream, time, first * perSample, sizeOf(shape)));
}
