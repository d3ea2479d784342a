// Whether x is neither NaN nor infinite. `x: [...] -> bool [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function isFinite(_: NodeOf<'isFinite'>, context: Context): DeviceTensor {
  return unary(context, (x) => context.tf.isFinite(x));
}
