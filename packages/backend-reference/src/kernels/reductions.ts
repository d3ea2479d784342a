// Reductions along axes, which stay with size 1. `x: [N, C, H, W], axes [2, 3] -> [N, C, 1, 1]`
import { dimOf, sizeOf } from '@isonet/core';
import { repeated, steps } from '../geometry.ts';
import type { Kernel } from '../kernel.ts';
import { floats, floatZeros, joined } from '../kernel.ts';

export const reduceSum: Kernel<'reduceSum'> = (_, { inputs: [x], outputs: [y] }) =>
  joined(floatZeros(y), floats(x), repeated(y.shape, x.shape), (sum, value) => sum + value);

export const reduceMax: Kernel<'reduceMax'> = (_, { inputs: [x], outputs: [y] }) =>
  joined(floatZeros(y).fill(-Infinity), floats(x), repeated(y.shape, x.shape), Math.max);

/** The index of the largest value, the first of a tie, but NaN before any number. `x: [N, K], axis 1 -> int32 [N, 1]` */
export const argMax: Kernel<'argMax'> = ({ attrs: { axis } }, { inputs: [x], outputs: [y] }) => {
  const values = floats(x);
  const step = dimOf(steps(x.shape), axis);
  const size = dimOf(x.shape, axis);
  const best = floatZeros(y);
  const indices = new Int32Array(sizeOf(y.shape));
  repeated(y.shape, x.shape).forEach((to, i) => {
    const [value, most] = [values[i]!, best[to]!];
    const index = Math.floor(i / step) % size;
    if (index > 0 && !(value > most || (Number.isNaN(value) && !Number.isNaN(most)))) return;
    best[to] = value;
    indices[to] = index;
  });
  return indices;
};
