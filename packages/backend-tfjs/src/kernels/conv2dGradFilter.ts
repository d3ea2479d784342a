// The gradient of conv2d for its filter. `x: [N, C, H, W], dy: [N, K, OH, OW] -> filterShape [K, C / groups, KH, KW]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { perGroup } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function conv2dGradFilter({ attrs }: NodeOf<'conv2dGradFilter'>, context: Context): DeviceTensor {
  const [, , height = 1, width = 1] = attrs.filterShape;
  const [image, gradient] = [context.input(0).image(), context.input(1).image()];
  const dw = perGroup(context, attrs.groups, image, gradient, (x, dy) =>
    context.images.conv2dGradFilter(x, dy, [height, width], attrs),
  );
  return context.result(dw, 'hwio');
}
