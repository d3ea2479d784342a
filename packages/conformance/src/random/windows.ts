// Random convolutions and poolings. The sums of convolutions are exact: at most a few thousand products of integers up to 4.
import type { Conv2dAttrs, MaxPool2dAttrs, Pads, Pair, Shape } from '@isonet/core';
import { type Arbitrary, boolean, constantFrom, record, tuple } from 'fast-check';
import { bounded } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { upTo } from './arrays.ts';
import { type Drawn, drawnNode } from './drawn.ts';

const pair = (each: Arbitrary<number>): Arbitrary<Pair> => tuple(each, each);
const anyPads: Arbitrary<Pads> = tuple(upTo(4), upTo(4), upTo(4), upTo(4));

/** Returns the height and width of an image with space for a window and the extra pixels. */
function imageAround([h, w]: Pair, [top, left, bottom, right]: Pads, [down, across]: Pair): Pair {
  return [Math.max(1, h - top - bottom) + down, Math.max(1, w - left - right) + across];
}

export const convolutions: Arbitrary<Drawn> = record({
  kernel: pair(upTo(4, 1)),
  strides: pair(upTo(3, 1)),
  dilations: pair(upTo(3, 1)),
  pads: anyPads,
  extra: pair(upTo(5)),
  images: upTo(3, 1),
  groups: upTo(3, 1),
  channels: upTo(3, 1),
  filters: upTo(3, 1),
}).map(({ kernel: [kh, kw], strides, dilations, pads, extra, images, groups, channels, filters }) => {
  const reach: Pair = [(kh - 1) * dilations[0] + 1, (kw - 1) * dilations[1] + 1];
  const attrs: Conv2dAttrs = { strides, pads, dilations, groups };
  const x = integers('x', [images, channels * groups, ...imageAround(reach, pads, extra)]);
  const w = integers('w', [filters * groups, channels, kh, kw]);
  return drawnNode('conv2d', { x, w }, attrs);
});

interface DrawnPool {
  readonly image: Shape;
  readonly attrs: MaxPool2dAttrs;
}

/** Every pad is smaller than the kernel. */
const pools: Arbitrary<DrawnPool> = record({
  kernel: pair(upTo(4, 1)),
  strides: pair(upTo(3, 1)),
  pads: anyPads,
  extra: pair(upTo(5)),
  images: upTo(3, 1),
  channels: upTo(3, 1),
}).map(({ kernel, strides, pads: [top, left, bottom, right], extra, images, channels }) => {
  const [h, w] = kernel;
  const pads: Pads = [top % h, left % w, bottom % h, right % w];
  const image: Shape = [images, channels, ...imageAround(kernel, pads, extra)];
  return { image, attrs: { kernel, strides, pads } };
});

/** On many distinct values, on few, or on negative values only, so that both unique maxima and ties are frequent. */
export const maxPools: Arbitrary<Drawn> = record({
  pool: pools,
  range: constantFrom<Pair[]>([-999, 999], [0, 3], [-3, -1]),
}).map(({ pool: { image, attrs }, range }) =>
  drawnNode('maxPool2d', { x: integers('x', image, ...range) }, attrs, { kinked: true, data: { range } }),
);

/** Windows of at most 16 pixels. */
export const averagePools: Arbitrary<Drawn> = record({ pool: pools, countPadding: boolean() }).map(
  ({ pool: { image, attrs }, countPadding }) =>
    drawnNode('avgPool2d', { x: reals('x', image) }, { ...attrs, countPadding }, { define: bounded }),
);
