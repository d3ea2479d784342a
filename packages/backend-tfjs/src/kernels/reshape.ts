// The same values in the same row-major order under another shape. `x: [...] -> shape`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function reshape({ attrs: { shape } }: NodeOf<'reshape'>, context: Context): DeviceTensor {
  return context.result(context.tf.reshape(context.input(0).full('rowMajor'), [...shape]));
}
