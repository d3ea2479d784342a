// `value` around x. `x: [d0, ...] -> [before[0] + d0 + after[0], ...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { axesIn } from '../deviceTensor.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function pad({ attrs: { before, after, value } }: NodeOf<'pad'>, context: Context): DeviceTensor {
  const x = context.input(0);
  const tensor = x.full(x.layout);
  if (tensor.rank === 0) return context.result(tensor.clone(), x.layout); // tf.pad refuses it.
  const sides = axesIn(x.layout, x.shape.length).map((axis): [number, number] => [
    before[axis] ?? 0,
    after[axis] ?? 0,
  ]);
  return context.result(context.tf.pad(tensor, sides, value), x.layout);
}
