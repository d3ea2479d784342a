// One after the other along an axis. `xs: [..., Di, ...] -> [..., sum of Di, ...]`, any dtype
import type { NodeOf } from '@isonet/core';
import { places, steps } from '../geometry.ts';
import type { Operands } from '../operands.ts';
import type { Data } from '../values.ts';

export function concat({ attrs: { axis }, inputs }: NodeOf<'concat'>, operands: Operands): Data {
  const y = operands.empty();
  const along = steps(operands.result.shape);
  let start = 0;
  inputs.forEach((_, input) => {
    const x = operands.data(input);
    const shape = operands.shape(input);
    places(shape, along, start).forEach((to, i) => (y[to] = x[i]!));
    start += shape[axis]! * along[axis]!;
  });
  return y;
}
