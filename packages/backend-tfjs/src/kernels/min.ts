// The smaller of x and y; NaN if either is. `x: [...], y: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { binary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function min(_: NodeOf<'min'>, context: Context): DeviceTensor {
  const { tf } = context;
  // minimum, like maximum, gives its first operand when the second is NaN; see max.
  return binary(context, (x, y) => tf.add(tf.minimum(x, y), tf.where(tf.isNaN(y), y, tf.zerosLike(y))));
}
