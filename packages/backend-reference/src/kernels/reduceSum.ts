// The sum over `axes`, which stay with size 1. `x: [N, C, H, W], axes [2, 3] -> [N, C, 1, 1]`
import type { NodeOf } from '@isonet/core';
import { repeated } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function reduceSum(_: NodeOf<'reduceSum'>, operands: Operands): Float64Array {
  const x = operands.floats(0);
  const y = operands.zeros();
  repeated(operands.result.shape, operands.shape(0)).forEach((to, i) => (y[to]! += x[i]!));
  return y;
}
