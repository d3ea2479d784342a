// From each window, g where x has its first maximum. `x, g: [N, C, H, W], y: [N, C, OH, OW] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function maxPool2dGather({ attrs }: NodeOf<'maxPool2dGather'>, context: Context): DeviceTensor {
  const [x, y, g] = [context.input(0).image(), context.input(1).image(), context.input(2).image()];
  return context.result(context.images.maxPool2dGather(x, y, g, attrs), 'nhwc');
}
