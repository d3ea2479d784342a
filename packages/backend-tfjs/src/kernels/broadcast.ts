// Repeats x along its axes of size 1. `x: [d0 | 1, d1 | 1, ...] -> [d0, d1, ...]`, or a scalar to any shape.
// Nothing is copied: the value stays small until an op needs all of it.
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { unary } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function broadcast(_: NodeOf<'broadcast'>, context: Context): DeviceTensor {
  return unary(context, (x) => x.clone());
}
