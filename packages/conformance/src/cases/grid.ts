// A systematic grid of windows, beside those of convolutions.ts and poolings.ts that somebody thought of: every two values of
// two factors meet in some geometry, and every three of those that a convolution's indices are computed from.
import type { Conv2dAttrs, Pads, Pair, Shape } from '@isonet/core';
import { shape4 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { covering } from '../case/covering.ts';
import { distinct, integers, reals } from '../case/data.ts';
import { on } from './convolutions.ts';
import type { Convolution } from './convolutions.ts';

const pairs = (...list: readonly Pair[]): readonly Pair[] => list;

const kernels = pairs([3, 3], [1, 1], [1, 3], [4, 4], [5, 2], [7, 7]);
const strides = pairs([1, 1], [2, 2], [3, 3], [2, 1]);

/**
 * Height or width of the image, from what a window reaches over: no more than that (3 pixels let every stride meet one of
 * them from within the padding), even, or prime.
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
    // Whole windows lie in the padding: above and, whatever the stride, on the right.
    ([h, w]: Pair, [, across]: Pair): Pads => [h, 0, 0, w + across - 1],
  ],
  dilations: pairs([1, 1], [2, 2], [2, 1]),
  kernel: kernels,
  // All to all, one channel, one filter, groups, depthwise, and depthwise with two filters for each channel.
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

const convolutions: readonly Convolution[] = covering(convolutionFactors, [
  ['strides', 'pads', 'dilations'],
  ['strides', 'dilations', 'kernel'],
]).map(({ kernel, dilations, channels: { c, k, groups }, size, images, ...row }) => {
  const reach: Pair = [(kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1];
  const attrs: Conv2dAttrs = {
    strides: row.strides,
    pads: row.pads(reach, row.strides),
    dilations,
    groups,
  };
  const image: Shape = [images, c, size(reach[0], 0), size(reach[1], 1)];
  const name = `${windowName(kernel, attrs)}-d${by(dilations)}-g${groups}-${by(image)}-to-${k}`;
  return on(name, image, [k, c / groups, ...kernel], attrs);
});

/** On real numbers, where sums are short enough to show inputs that were rounded to fewer bits, and long enough to be sums. */
const shortSums = convolutions.filter(({ w, y, attrs }) => {
  const [filters, channels, height, width] = shape4(w);
  const [n, , oh, ow] = shape4(y);
  const terms = [channels * height * width, (filters * height * width) / attrs.groups, n * oh * ow];
  return Math.max(...terms) <= 30 && Math.min(...terms) >= 8;
});

/** conv2d, and backward both its gradients. */
export const gridOfConvolutions: readonly Case[] = [
  ...convolutions.map(({ name, x, w, attrs }) =>
    exact(`conv2d/grid-${name}`, { x: integers('x', x), w: integers('w', w) }, (op, values) =>
      op.conv2d(values.x, values.w, attrs),
    ),
  ),
  ...shortSums.map(({ name, x, w, attrs }) =>
    bounded(`conv2d/grid-reals-${name}`, { x: reals('x', x), w: reals('w', w) }, (op, values) =>
      op.conv2d(values.x, values.w, attrs),
    ),
  ),
];

const poolFactors = {
  strides,
  kernel: kernels,
  // Each smaller than the kernel: core allows no window that lies wholly in the padding.
  pads: [
    (): Pads => [0, 0, 0, 0],
    ([h, w]: Pair): Pads => [h >> 1, w >> 1, (h - 1) >> 1, (w - 1) >> 1],
    ([h, w]: Pair): Pads => [0, w - 1, h - 1, (w - 1) >> 1],
  ],
  size: sizes,
  images: [1, 3],
  channels: [1, 3],
};

/** maxPool2d and backward maxPool2dGrad, with and without ties, above and below 0. */
export const gridOfMaxPools: readonly Case[] = covering({
  ...poolFactors,
  data: [
    { kind: 'distinct', draw: (shape: Shape) => distinct('x', shape) },
    // As many numbers as a window has taps: in about half of the windows the maximum is there twice, and it is not in all the same.
    { kind: 'ties', draw: (shape: Shape, taps: number) => integers('x', shape, 0, taps) },
    { kind: 'negative-ties', draw: (shape: Shape, taps: number) => integers('low', shape, -taps, -1) },
  ],
}).map(({ data: { kind, draw }, ...row }) => {
  const { name, image, attrs } = pool(row);
  return exact(
    `maxPool2d/grid-${name}-${kind}`,
    { x: draw(image, attrs.kernel[0] * attrs.kernel[1]) },
    (op, { x }) => op.maxPool2d(x, attrs),
    { kinked: kind !== 'distinct' },
  );
});

/** avgPool2d and backward avgPool2dGrad; no sum has more than 49 terms. */
export const gridOfAveragePools: readonly Case[] = covering({
  ...poolFactors,
  countPadding: [false, true],
}).map(({ countPadding, ...row }) => {
  const { name, image, attrs } = pool(row);
  return bounded(
    `avgPool2d/grid-${name}${countPadding ? '-counted' : ''}`,
    { x: reals('x', image, 0.25, 2) },
    (op, { x }) => op.avgPool2d(x, { ...attrs, countPadding }),
  );
});

interface Pool {
  readonly strides: Pair;
  readonly kernel: Pair;
  readonly pads: (kernel: Pair) => Pads;
  readonly size: (typeof sizes)[number];
  readonly images: number;
  readonly channels: number;
}

function pool({ kernel, size, images, channels, ...row }: Pool) {
  const attrs = { kernel, strides: row.strides, pads: row.pads(kernel) };
  const image: Shape = [images, channels, size(kernel[0], 0), size(kernel[1], 1)];
  return { name: `${windowName(kernel, attrs)}-${by(image)}`, image, attrs };
}

/** `k3x3-s2x1-p0.1.2.1` */
function windowName(
  kernel: Pair,
  { strides: steps, pads }: { readonly strides: Pair; readonly pads: Pads },
): string {
  return `k${by(kernel)}-s${by(steps)}-p${pads.join('.')}`;
}

/** `3x4` */
function by(sizesOfAxes: readonly number[]): string {
  return sizesOfAxes.join('x');
}

function nextPrime(from: number): number {
  const divides = (divisor: number): boolean => from % divisor === 0;
  const divisors = Array.from({ length: Math.max(0, from - 2) }, (_, i) => i + 2);
  return divisors.some(divides) ? nextPrime(from + 1) : from;
}
