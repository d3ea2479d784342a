// x itself; only gradients, which are built before, saw a difference. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function stopGradient(_: NodeOf<'stopGradient'>, context: Context): DeviceTensor {
  return unary(context, (x) => context.tf.clone(x));
}
