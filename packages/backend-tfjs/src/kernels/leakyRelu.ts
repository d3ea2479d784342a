// x where it is positive, else alpha * x. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function leakyRelu({ attrs: { alpha } }: NodeOf<'leakyRelu'>, context: Context): DeviceTensor {
  // alpha as a float32, as constants are; cpu would take all of its bits.
  return unary(context, (x) => context.tf.leakyRelu(x, Math.fround(alpha)));
}
