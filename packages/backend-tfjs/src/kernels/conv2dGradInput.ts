// The gradient of conv2d for its input. `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> inputShape [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { perGroup } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function conv2dGradInput({ attrs }: NodeOf<'conv2dGradInput'>, context: Context): DeviceTensor {
  const [, , height = 1, width = 1] = attrs.inputShape;
  const [gradient, filter] = [context.input(0).image(), context.input(1).filter()];
  const dx = perGroup(context, attrs.groups, gradient, filter, (dy, w) =>
    context.images.conv2dGradInput(dy, w, [height, width], attrs),
  );
  return context.result(dx, 'nhwc');
}
