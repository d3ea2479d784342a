// Repeats x along its axes of size 1. `x: [d0 | 1, d1 | 1, ...] -> [d0, d1, ...]`, any dtype
import type { NodeOf } from '@isonet/core';
import { repeated } from '../geometry.ts';
import type { Operands } from '../operands.ts';
import type { Data } from '../values.ts';

export function broadcast(_: NodeOf<'broadcast'>, operands: Operands): Data {
  const x = operands.data(0);
  const y = operands.empty();
  repeated(operands.shape(0), operands.result.shape).forEach((from, i) => (y[i] = x[from]!));
  return y;
}
