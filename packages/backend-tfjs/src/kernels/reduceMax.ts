// The maximum over `axes`, which stay with size 1. `x: [N, K], axes [1] -> [N, 1]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { reduction } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function reduceMax({ attrs: { axes } }: NodeOf<'reduceMax'>, context: Context): DeviceTensor {
  return reduction(context, axes, (x, places) => context.tf.max(x, places, true));
}
