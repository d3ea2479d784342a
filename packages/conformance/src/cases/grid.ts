// A systematic grid of windows, in addition to the hand-picked ones in convolutions.ts and poolings.ts. Every pair of values of
// two factors occurs in some geometry, and so does every triple of values of the factors that determine a convolution's indices.
import { type Conv2dAttrs, type Pads, type Pair, type Shape, shape4 } from '@isonet/core';
import { covering } from '../case/covering.ts';
import { distinct, integers, reals } from '../case/data.ts';
import { type Convolution, on } from './convolutions.ts';
import type { Averaging, Pooling } from './poolings.ts';

const pairs = (...list: readonly Pair[]): readonly Pair[] => list;

const kernels = pairs([3, 3], [1, 1], [1, 3], [4, 4], [5, 2], [7, 7]);
const strides = pairs([1, 1], [2, 2], [3, 3], [2, 1]);

/**
 * Functions that return the height or width of the image, given the reach of a window: exactly the reach (but at
 * least 3 pixels, so that some window leaves the padding at every stride), an even number, or a prime.
 */
const sizes: readonly ((reach: number, axis: 0 | 1) => number)[] = [
  (reach) => Math.max(reach, 3),
  (reach, axis) => 2 * Math.ceil((reach + 3 + 2 * axis) / 2),
  (reach, axis) => nextPrime(reach + 2 + 3 * axis),
];

const convolutionFactors = {
  strides,
  pads: [
    (): Pads => [0, 0, 0, 0],
    ([h, w]: Pair): Pads => [h >> 1, w >> 1, h >> 1, w >> 1],
    (): Pads => [1, 0, 2, 1],
    // Some windows lie entirely in the padding: above the image and, for any stride, to its right.
    ([h, w]: Pair, [, across]: Pair): Pads => [h, 0, 0, w + across - 1],
  ],
  dilations: pairs([1, 1], [2, 2], [2, 1]),
  kernel: kernels,
  // Ungrouped, one channel, one filter, two groups, depthwise, and depthwise with two filters per channel.
  channels: [
    { c: 4, k: 5, groups: 1 },
    { c: 1, k: 3, groups: 1 },
    { c: 3, k: 1, groups: 1 },
    { c: 4, k: 6, groups: 2 },
    { c: 3, k: 3, groups: 3 },
    { c: 2, k: 4, groups: 2 },
  ],
  size: sizes,
  images: [1, 3],
};

export const convolutionGrid: readonly Convolution[] = covering(convolutionFactors, [
  ['strides', 'pads', 'dilations'],
  ['strides', 'dilations', 'kernel'],
]).map(({ kernel, dilations, channels: { c, k, groups }, size, images, ...row }) => {
  const reach: Pair = [(kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1];
  const pads = row.pads(reach, row.strides);
  const attrs: Conv2dAttrs = { strides: row.strides, pads, dilations, groups };
  const image: Shape = [images, c, size(reach[0], 0), size(reach[1], 1)];
  const name = `${windowName(kernel, attrs)}-d${by(dilations)}-g${groups}-${by(image)}-to-${k}`;
  return on(name, image, [k, c / groups, ...kernel], attrs);
});

/** The convolutions for real numbers: their sums are short enough to reveal inputs rounded to fewer bits, but not trivial. */
export const shortSums: readonly Convolution[] = convolutionGrid.filter(({ w, y, attrs }) => {
  const [filters, channels, height, width] = shape4(w);
  const [n, , oh, ow] = shape4(y);
  const terms = [channels * height * width, (filters * height * width) / attrs.groups, n * oh * ow];
  return Math.max(...terms) <= 30 && Math.min(...terms) >= 8;
});

const poolFactors = {
  strides,
  kernel: kernels,
  // Smaller than the kernel on every side: core rejects windows that lie entirely in the padding.
  pads: [
    (): Pads => [0, 0, 0, 0],
    ([h, w]: Pair): Pads => [h >> 1, w >> 1, (h - 1) >> 1, (w - 1) >> 1],
    ([h, w]: Pair): Pads => [0, w - 1, h - 1, (w - 1) >> 1],
  ],
  size: sizes,
  images: [1, 3],
  channels: [1, 3],
};

/** For maxPool2d: with and without ties, above and below 0. */
export const maxPoolGrid: readonly Omit<Pooling, 'y'>[] = covering({
  ...poolFactors,
  data: [
    { kind: 'distinct', draw: (shape: Shape) => distinct('x', shape) },
    // About as many different values as a window has taps, so about half of the windows have a tied maximum.
    { kind: 'ties', draw: (shape: Shape, taps: number) => integers('x', shape, 0, taps) },
    { kind: 'negative-ties', draw: (shape: Shape, taps: number) => integers('low', shape, -taps, -1) },
  ],
}).map(({ data: { kind, draw }, ...row }) => {
  const { name, image, attrs } = pool(row);
  const x = draw(image, attrs.kernel[0] * attrs.kernel[1]);
  return { name: `${name}-${kind}`, x, attrs, tied: kind !== 'distinct' };
});

/** For avgPool2d: no sum has more than 49 terms. */
export const averagePoolGrid: readonly Omit<Averaging, 'y'>[] = covering({
  ...poolFactors,
  countPadding: [false, true],
}).map(({ countPadding, ...row }) => {
  const { name, image, attrs } = pool(row);
  const x = reals('x', image, 0.25, 2);
  return { name: `${name}${countPadding ? '-counted' : ''}`, x, attrs: { ...attrs, countPadding } };
});

type PoolFactors = { readonly [K in keyof typeof poolFactors]: (typeof poolFactors)[K][number] };

function pool({ kernel, size, images, channels, ...row }: PoolFactors) {
  const attrs = { kernel, strides: row.strides, pads: row.pads(kernel) };
  const image: Shape = [images, channels, size(kernel[0], 0), size(kernel[1], 1)];
  return { name: `grid-${windowName(kernel, attrs)}-${by(image)}`, image, attrs };
}

/** `k3x3-s2x1-p0.1.2.1` */
function windowName(kernel: Pair, { strides: steps, pads }: Pick<Conv2dAttrs, 'strides' | 'pads'>): string {
  return `k${by(kernel)}-s${by(steps)}-p${pads.join('.')}`;
}

/** `3x4` */
function by(dims: readonly number[]): string {
  return dims.join('x');
}

function nextPrime(from: number): number {
  const divides = (divisor: number): boolean => from % divisor === 0;
  const divisors = Array.from({ length: Math.max(0, from - 2) }, (_, i) => i + 2);
  return divisors.some(divides) ? nextPrime(from + 1) : from;
}
