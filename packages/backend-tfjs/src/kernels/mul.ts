// The elementwise product. `x: [...], y: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { binary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function mul(_: NodeOf<'mul'>, context: Context): DeviceTensor {
  return binary(context, (x, y) => context.tf.mul(x, y));
}
