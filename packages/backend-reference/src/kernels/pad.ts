// `value` around x. `x: [d0, ...] -> [before[0] + d0 + after[0], ...]`
import type { NodeOf } from '@isonet/core';
import { places, steps } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function pad({ attrs: { before, value } }: NodeOf<'pad'>, operands: Operands): Float64Array {
  const x = operands.floats(0);
  const y = operands.zeros().fill(Math.fround(value)); // A float32, as constants are.
  const along = steps(operands.result.shape);
  const start = before.reduce((sum, first, axis) => sum + first * along[axis]!, 0);
  places(operands.shape(0), along, start).forEach((to, i) => (y[to] = x[i]!));
  return y;
}
