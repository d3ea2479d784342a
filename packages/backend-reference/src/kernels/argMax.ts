// Where along the axis the maximum is: the first of a tie, but a NaN before any number. `x: [N, K], axis 1 -> int32 [N, 1]`
import type { NodeOf } from '@isonet/core';
import { repeated, steps } from '../geometry.ts';
import type { Operands } from '../operands.ts';
import type { Data } from '../values.ts';

export function argMax({ attrs: { axis } }: NodeOf<'argMax'>, operands: Operands): Data {
  const x = operands.floats(0);
  const y = operands.empty();
  const shape = operands.shape(0);
  const step = steps(shape)[axis]!;
  const best = operands.zeros().fill(-Infinity);
  repeated(operands.result.shape, shape).forEach((to, i) => {
    const at = Math.floor(i / step) % shape[axis]!;
    if (at > 0 && !(x[i]! > best[to]! || (Number.isNaN(x[i]) && !Number.isNaN(best[to])))) return;
    best[to] = x[i]!;
    y[to] = at;
  });
  return y;
}
