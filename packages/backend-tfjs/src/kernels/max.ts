// The larger of x and y; NaN if either is. `x: [...], y: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { binary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function max(_: NodeOf<'max'>, context: Context): DeviceTensor {
  const { tf } = context;
  // maximum gives its first operand when either is NaN; adding a NaN second operand's NaN (else 0) mends that.
  return binary(context, (x, y) => tf.add(tf.maximum(x, y), tf.where(tf.isNaN(y), y, tf.zerosLike(y))));
}
