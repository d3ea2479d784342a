// The same values as another dtype; floats are cut towards 0. `x: bool | int32 | float32 [...] -> float32 | int32 [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function cast({ attrs: { to } }: NodeOf<'cast'>, context: Context): DeviceTensor {
  const { tf } = context;
  return unary(context, (x) => {
    const y = tf.cast(x, to);
    // cpu only relabels the integers, and goes on with more bits than a float32 has; a product is stored as one.
    return x.dtype === 'int32' && to === 'float32' ? tf.mul(y, tf.scalar(1)) : y;
  });
}
