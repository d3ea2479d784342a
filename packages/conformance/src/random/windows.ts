// Convolutions and poolings that are drawn. All sums are short enough to be exact: of whole numbers up to 4 in their magnitude
// and at most a few thousand terms.
import type { Conv2dAttrs, MaxPool2dAttrs, Pads, Pair, Shape } from '@isonet/core';
import { boolean, constantFrom, integer, record, tuple } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { textOf } from './check.ts';
import type { Drawn } from './drawn.ts';

const upTo = (max: number, min = 0): Arbitrary<number> => integer({ min, max });
const pair = (number: Arbitrary<number>): Arbitrary<Pair> => tuple(number, number);
const anyPads: Arbitrary<Pads> = tuple(upTo(4), upTo(4), upTo(4), upTo(4));

/** Height and width that hold a window, and some `room` beyond that. */
function imageAround([h, w]: Pair, [top, left, bottom, right]: Pads, [down, across]: Pair): Pair {
  return [Math.max(1, h - top - bottom) + down, Math.max(1, w - left - right) + across];
}

export const convolutions: Arbitrary<Drawn> = record({
  kernel: pair(upTo(4, 1)),
  strides: pair(upTo(3, 1)),
  dilations: pair(upTo(3, 1)),
  pads: anyPads,
  room: pair(upTo(5)),
  images: upTo(3, 1),
  groups: upTo(3, 1),
  channels: upTo(3, 1),
  filters: upTo(3, 1),
}).map(({ kernel: [kh, kw], strides, dilations, pads, room, images, groups, channels, filters }) => {
  const reach: Pair = [(kh - 1) * dilations[0] + 1, (kw - 1) * dilations[1] + 1];
  const attrs: Conv2dAttrs = { strides, pads, dilations, groups };
  const x: Shape = [images, channels * groups, ...imageAround(reach, pads, room)];
  const w: Shape = [filters * groups, channels, kh, kw];
  return {
    test: exact('conv2d/random', { x: integers('x', x), w: integers('w', w) }, (op, values) =>
      op.conv2d(values.x, values.w, attrs),
    ),
    text: textOf({ x, w, ...attrs }),
  };
});

interface DrawnPool {
  readonly image: Shape;
  readonly attrs: MaxPool2dAttrs;
}

/** Pads are smaller than the kernel. */
const pools: Arbitrary<DrawnPool> = record({
  kernel: pair(upTo(4, 1)),
  strides: pair(upTo(3, 1)),
  pads: anyPads,
  room: pair(upTo(5)),
  images: upTo(3, 1),
  channels: upTo(3, 1),
}).map(({ kernel, strides, pads: [top, left, bottom, right], room, images, channels }) => {
  const [h, w] = kernel;
  const pads: Pads = [top % h, left % w, bottom % h, right % w];
  const image: Shape = [images, channels, ...imageAround(kernel, pads, room)];
  return { image, attrs: { kernel, strides, pads } };
});

/** Of few numbers, below 0 too: ties are as frequent as not. */
export const maxPools: Arbitrary<Drawn> = record({
  pool: pools,
  numbers: constantFrom<Pair[]>([-999, 999], [0, 3], [-3, -1]),
}).map(({ pool: { image, attrs }, numbers: [low, high] }) => ({
  test: exact(
    'maxPool2d/random',
    { x: integers('x', image, low, high) },
    (op, { x }) => op.maxPool2d(x, attrs),
    { kinked: true },
  ),
  text: textOf({ x: image, numbers: [low, high], ...attrs }),
}));

/** No window has more than 16 pixels. */
export const averagePools: Arbitrary<Drawn> = record({ pool: pools, countPadding: boolean() }).map(
  ({ pool: { image, attrs }, countPadding }) => ({
    test: bounded('avgPool2d/random', { x: reals('x', image) }, (op, { x }) =>
      op.avgPool2d(x, { ...attrs, countPadding }),
    ),
    text: textOf({ x: image, ...attrs, countPadding }),
  }),
);
