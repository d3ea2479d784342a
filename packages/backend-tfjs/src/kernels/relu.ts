// max(x, 0). `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function relu(_: NodeOf<'relu'>, context: Context): DeviceTensor {
  return unary(context, (x) => context.tf.relu(x));
}
