// x where the condition holds, else y. `condition: bool [...], x: [...], y: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { sharedLayout } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function select(_: NodeOf<'select'>, context: Context): DeviceTensor {
  const [condition, x, y] = [context.input(0), context.input(1), context.input(2)];
  const layout = sharedLayout(context.inputs);
  // tf.where would repeat small operands with broadcastTo, which is slow on wasm; see DeviceTensor.
  return context.result(context.tf.where(condition.full(layout), x.full(layout), y.full(layout)), layout);
}
