// One after the other along an axis. `xs: [..., Di, ...] -> [..., sum of Di, ...]`, any dtype
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { sharedLayout } from '../context.ts';
import { axesIn } from '../deviceTensor.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function concat({ attrs: { axis } }: NodeOf<'concat'>, context: Context): DeviceTensor {
  const layout = sharedLayout(context.inputs);
  const place = axesIn(layout, context.shape.length).indexOf(axis);
  const parts = context.inputs.map((x) => x.full(layout));
  return context.result(context.tf.concat(parts, place), layout);
}
