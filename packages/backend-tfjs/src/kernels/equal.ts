// Whether x = y, false for NaN. `x: [...], y: [...] -> bool [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { binary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function equal(_: NodeOf<'equal'>, context: Context): DeviceTensor {
  return binary(context, (x, y) => context.tf.equal(x, y));
}
