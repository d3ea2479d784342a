// The maximum of each window; padding never wins. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function maxPool2d({ attrs }: NodeOf<'maxPool2d'>, context: Context): DeviceTensor {
  return context.result(context.images.maxPool2d(context.input(0).image(), attrs), 'nhwc');
}
