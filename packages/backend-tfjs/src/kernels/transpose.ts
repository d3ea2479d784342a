// Axis i of the result is axis permutation[i] of x. `x: [d0, ...] -> [d(permutation[0]), ...]`, any dtype
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { axesIn } from '../deviceTensor.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function transpose({ attrs: { permutation } }: NodeOf<'transpose'>, context: Context): DeviceTensor {
  const x = context.input(0);
  const tensor = x.as(x.layout);
  if (tensor.rank === 0) return context.result(tensor.clone()); // One number, repeated or not.
  // From the layout that x is in, in one step. Values that repeat stay small.
  const places = axesIn(x.layout, x.shape.length);
  const order = permutation.map((axis) => places.indexOf(axis));
  return context.result(context.tf.transpose(tensor, order));
}
