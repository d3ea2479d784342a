// e to the power of x. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function exp(_: NodeOf<'exp'>, context: Context): DeviceTensor {
  return unary(context, (x) => context.tf.exp(x));
}
