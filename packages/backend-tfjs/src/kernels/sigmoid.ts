// 1 / (1 + e^-x). `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function sigmoid(_: NodeOf<'sigmoid'>, context: Context): DeviceTensor {
  return unary(context, (x) => context.tf.sigmoid(x));
}
