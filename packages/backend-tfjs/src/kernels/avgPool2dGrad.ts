// Spreads each window's gradient evenly over what it averaged. `dy: [N, C, OH, OW] -> inputShape [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function avgPool2dGrad({ attrs }: NodeOf<'avgPool2dGrad'>, context: Context): DeviceTensor {
  const [, , height = 1, width = 1] = attrs.inputShape;
  const dx = context.images.avgPool2dGrad(context.input(0).image(), [height, width], attrs);
  return context.result(dx, 'nhwc');
}
