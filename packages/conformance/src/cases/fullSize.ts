// Geometries and data for full-size layers. Small integers are exact even in sums of 10^5 terms, where a bound for real
// numbers would be so wide that a kernel that returns 0 would pass. One op per case, forward only.
import { dimOf, type Shape, shape4, sizeOf, type TensorOf } from '@isonet/core';
import { elementAt } from '../check/compare.ts';
import { type Case, forwardOnly, type Options } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { type Convolution, on } from './convolutions.ts';

/** The period of the data: a prime, so it is not a multiple of the size of any row, image or tile. */
const PERIOD = 65_537;

/** Returns integers that are computed on the first read, because many callers only list the cases. */
export function large(name: string, shape: Shape): TensorOf<'float32'> {
  let data: Float32Array | undefined;
  const draw = (): Float32Array => {
    const { data: numbers } = integers(name, [PERIOD]);
    return new Float32Array(sizeOf(shape)).map((_, i) => elementAt(numbers, i % PERIOD));
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

/** Builds a full-size case together with a small twin, for devices that refuse the full size. */
export function atFullSize<Size>(
  full: Size,
  small: Size,
  build: (size: Size, options: Options) => Case,
): Case {
  return build(full, { ...forwardOnly, smaller: () => build(small, forwardOnly) });
}

/** Builds a full-size convolution whose small twin has the same kernel, on a single small image with few channels. */
export function convolutionAtFullSize(
  full: Convolution,
  build: (convolution: Convolution, options: Options) => Case,
): Case {
  const [, channels, ...image] = shape4(full.x);
  const [, , ...kernel] = shape4(full.w);
  const few = Math.min(channels, 3);
  const size = image.map((dim, axis) => Math.min(dim, dimOf(kernel, axis) + 4));
  return atFullSize(full, on(full.name, [1, few, ...size], [2, few, ...kernel], full.attrs), build);
}

/** From the book's NiN: the gradient of its filter sums 256 * 26 * 26 = 173,056 products. */
export const nin1x1: Convolution = on('nin-1x1-batch-256', [256, 24, 26, 26], [24, 24, 1, 1]);

/** From GoogLeNet at 96x96: its first layer, the 5x5 path of its third block, and the 1x1 path of its last block. */
export const googlenet: readonly Convolution[] = [
  on('googlenet-7x7-stride-2', [4, 1, 96, 96], [64, 1, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3] }),
  on('googlenet-5x5', [8, 16, 12, 12], [32, 16, 5, 5], { pads: [2, 2, 2, 2] }),
  on('googlenet-1x1-of-832-channels', [8, 832, 3, 3], [384, 832, 1, 1]),
];
