// The maximum over `axes`, which stay with size 1; NaN if one is. `x: [N, K], axes [1] -> [N, 1]`
import type { NodeOf } from '@isonet/core';
import { repeated } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function reduceMax(_: NodeOf<'reduceMax'>, operands: Operands): Float64Array {
  const x = operands.floats(0);
  const y = operands.zeros().fill(-Infinity);
  repeated(operands.result.shape, operands.shape(0)).forEach((to, i) => (y[to] = Math.max(y[to]!, x[i]!)));
  return y;
}
