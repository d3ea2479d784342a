// The mean of each window. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function avgPool2d({ attrs }: NodeOf<'avgPool2d'>, context: Context): DeviceTensor {
  const [, , height = 1, width = 1] = context.shape;
  const y = context.images.avgPool2d(context.input(0).image(), [height, width], attrs);
  return context.result(y, 'nhwc');
}
