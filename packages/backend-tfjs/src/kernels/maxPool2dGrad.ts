// Sends each window's gradient to its first maximum. `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function maxPool2dGrad({ attrs }: NodeOf<'maxPool2dGrad'>, context: Context): DeviceTensor {
  const [x, y, dy] = [context.input(0).image(), context.input(1).image(), context.input(2).image()];
  return context.result(context.images.maxPool2dGrad(x, y, dy, attrs), 'nhwc');
}
