// The error function. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function erf(_: NodeOf<'erf'>, context: Context): DeviceTensor {
  return unary(context, (x) => context.tf.erf(x));
}
