// Uniform numbers in [0, 1), drawn on the host so that they are core's bits.
// `random: uint32 [3] = [seed, time, first] -> float32 shape`
import type { NodeOf } from '@isonet/core';
import { sizeOf, uniformBlock } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function randomUniform({ attrs }: NodeOf<'randomUniform'>, context: Context): DeviceTensor {
  const { shape, stream } = attrs;
  // TensorFlow.js has no uint32: such values are held as int32, bit for bit.
  const [seed = 0, time = 0, first = 0] = Uint32Array.from(context.input(0).full('rowMajor').dataSync());
  const numbers = uniformBlock(seed, stream, time, first * sizeOf(shape.slice(1)), sizeOf(shape));
  return context.result(context.tf.tensor(numbers, [...shape], 'float32'));
}
