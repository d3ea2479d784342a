// The elementwise difference. `x: [...], y: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { binary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function sub(_: NodeOf<'sub'>, context: Context): DeviceTensor {
  return binary(context, (x, y) => context.tf.sub(x, y));
}
