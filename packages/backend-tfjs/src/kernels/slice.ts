// A block of x, beginning at `starts`. `x: [d0, ...] -> sizes`, any dtype
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { axesIn } from '../deviceTensor.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function slice({ attrs: { starts, sizes } }: NodeOf<'slice'>, context: Context): DeviceTensor {
  const x = context.input(0);
  const places = axesIn(x.layout, x.shape.length);
  const tensor = x.full(x.layout);
  if (tensor.rank === 0) return context.result(tensor.clone(), x.layout); // tf.slice refuses it.
  const begin = places.map((axis) => starts[axis] ?? 0);
  const size = places.map((axis) => sizes[axis] ?? 1);
  return context.result(context.tf.slice(tensor, begin, size), x.layout);
}
