// Axis i of the result is axis permutation[i] of x. `x: [d0, ...] -> [d(permutation[0]), ...]`, any dtype
import type { NodeOf } from '@isonet/core';
import { places, steps } from '../geometry.ts';
import type { Operands } from '../operands.ts';
import type { Data } from '../values.ts';

export function transpose({ attrs: { permutation } }: NodeOf<'transpose'>, operands: Operands): Data {
  const x = operands.data(0);
  const y = operands.empty();
  const along = steps(operands.shape(0));
  const moved = permutation.map((axis) => along[axis]!);
  places(operands.result.shape, moved).forEach((from, i) => (y[i] = x[from]!));
  return y;
}
