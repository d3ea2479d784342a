// Two-dimensional cross-correlation. `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { perGroup } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function conv2d({ attrs }: NodeOf<'conv2d'>, context: Context): DeviceTensor {
  const [image, filter] = [context.input(0).image(), context.input(1).filter()];
  const y = perGroup(context, attrs.groups, image, filter, (x, w) => context.images.conv2d(x, w, attrs));
  return context.result(y, 'nhwc');
}
