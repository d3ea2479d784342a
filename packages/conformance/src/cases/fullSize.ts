// Geometries and data for layers of full size, on small integers: exact even in sums of 10^5 terms, where a bound for real numbers
// would be so wide that a kernel returning 0 passes. One op per case, forward only.
import type { Shape, TensorOf } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import { numberAt } from '../check/compare.ts';
import { integers } from '../case/data.ts';
import { on } from './convolutions.ts';
import type { Convolution } from './convolutions.ts';

/** The data repeats after this many values: a prime, so that no row, image or tile repeats with it. */
const PERIOD = 65_537;

/** Integers, computed when they are first read: many callers only list the cases. */
export function large(name: string, shape: Shape): TensorOf<'float32'> {
  let data: Float32Array | undefined;
  const draw = (): Float32Array => {
    const { data: numbers } = integers(name, [PERIOD]);
    return new Float32Array(sizeOf(shape)).map((_, i) => numberAt(numbers, i % PERIOD));
  };
  return {
    dtype: 'float32',
    shape,
    get data() {
      data ??= draw();
      return data;
    },
  };
}

/** From the book's NiN: the gradient of its filter sums 256 * 26 * 26 = 173,056 products. */
export const nin1x1: Convolution = on('nin-1x1-batch-256', [256, 24, 26, 26], [24, 24, 1, 1]);

/** From GoogLeNet at 96x96: its first layer, a 5x5 path of its third block, and a 1x1 path of its last block. */
export const googlenet: readonly Convolution[] = [
  on('googlenet-7x7-stride-2', [4, 1, 96, 96], [64, 1, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3] }),
  on('googlenet-5x5', [8, 16, 12, 12], [32, 16, 5, 5], { pads: [2, 2, 2, 2] }),
  on('googlenet-1x1-of-832-channels', [8, 832, 3, 3], [384, 832, 1, 1]),
];
