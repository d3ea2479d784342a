// A block of x, beginning at `starts`. `x: [d0, ...] -> sizes`, any dtype
import type { NodeOf } from '@isonet/core';
import { places, steps } from '../geometry.ts';
import type { Operands } from '../operands.ts';
import type { Data } from '../values.ts';

export function slice({ attrs: { starts, sizes } }: NodeOf<'slice'>, operands: Operands): Data {
  const x = operands.data(0);
  const y = operands.empty();
  const along = steps(operands.shape(0));
  const start = starts.reduce((sum, first, axis) => sum + first * along[axis]!, 0);
  places(sizes, along, start).forEach((from, i) => (y[i] = x[from]!));
  return y;
}
