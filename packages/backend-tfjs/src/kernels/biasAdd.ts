// Adds one number per channel. `x: [N, C, ...], bias: [C] -> [N, C, ...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { axesIn } from '../deviceTensor.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function biasAdd(_: NodeOf<'biasAdd'>, context: Context): DeviceTensor {
  const x = context.input(0);
  const bias = context.input(1).full('rowMajor');
  const shape = axesIn(x.layout, x.shape.length).map((axis) => (axis === 1 ? bias.size : 1));
  return context.result(context.tf.add(x.full(x.layout), context.tf.reshape(bias, shape)), x.layout);
}
