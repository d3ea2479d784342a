// Reductions along axes. The reduced axes keep size 1. `x: [N, C, H, W], axes [2, 3] -> [N, C, 1, 1]`
import { dimOf, sizeOf } from '@isonet/core';
import { broadcastPositions, rowMajorStrides } from '../geometry.ts';
import type { Kernel } from '../kernel.ts';
import { floats, floatZeros, scatterReduce } from '../kernel.ts';

export const reduceSum: Kernel<'reduceSum'> = (_, { inputs: [x], outputs: [y] }) =>
  scatterReduce(floatZeros(y), floats(x), broadcastPositions(y.shape, x.shape), (sum, value) => sum + value);

export const reduceMax: Kernel<'reduceMax'> = (_, { inputs: [x], outputs: [y] }) =>
  scatterReduce(floatZeros(y).fill(-Infinity), floats(x), broadcastPositions(y.shape, x.shape), Math.max);

/** Returns the index of the largest element: the first in a tie, and a NaN wins over any number. `x: [N, K], axis 1 -> int32 [N, 1]` */
export const argMax: Kernel<'argMax'> = ({ attrs: { axis } }, { inputs: [x], outputs: [y] }) => {
  const values = floats(x);
  const stride = dimOf(rowMajorStrides(x.shape), axis);
  const size = dimOf(x.shape, axis);
  const best = floatZeros(y);
  const indices = new Int32Array(sizeOf(y.shape));
  broadcastPositions(y.shape, x.shape).forEach((to, i) => {
    const [value, most] = [values[i]!, best[to]!];
    const index = Math.floor(i / stride) % size;
    if (index > 0 && !(value > most || (Number.isNaN(value) && !Number.isNaN(most)))) return;
    best[to] = value;
    indices[to] = index;
  });
  return indices;
};
