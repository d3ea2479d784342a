import { defined } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { poolWindows, windowPixels } from '../geometry.ts';
import { valued } from '../tensors.ts';
import { allRowsInEveryWindow, shiftedRow, withinImage } from '../windows.ts';

/** The lowest float32: what a window without pixels has. */
const LOWEST = -(2 - 2 ** -23) * 2 ** 127;

/** A tap in which some window has its only maximum is left out. */
const droppedMaximum: Fault<'maxPool2d'> = {
  name: 'a dropped tap',
  plant: ({ node, operands: [x], results: [y] }) => {
    if (node.attrs.kernel.every((size) => size === 1)) return 'the window is one pixel';
    const windows = windowPixels(x.shape, poolWindows(x.shape, y.shape, node.attrs));
    const sole = windows.flatMap((pixels, window) => {
      const maxima = pixels.filter(({ pixel }) => x.data[pixel] === y.data[window]);
      return maxima.length === 1 ? maxima : [];
    });
    const tap = sole.at(-1)?.tap;
    if (tap === undefined) return 'every window has its maximum twice';
    const largest = windows.map((pixels) => {
      const rest = pixels.filter((each) => each.tap !== tap);
      return Math.max(LOWEST, ...rest.map(({ pixel }) => numberAt(x.data, pixel)));
    });
    return { results: [valued(y, (_, window) => defined(largest[window], `window ${window}`))] };
  },
};

const paddedByZeros: Fault<'maxPool2d'> = {
  name: 'padding by zeros',
  plant: ({ node: { attrs } }) => {
    const [top, left, bottom, right] = attrs.pads;
    if (attrs.pads.every((pad) => pad === 0)) return 'there is no padding';
    return {
      emit: (b, [x]) => {
        const padded = b.op.pad(x, { before: [0, 0, top, left], after: [0, 0, bottom, right], value: 0 });
        return [b.op.maxPool2d(padded, { ...attrs, pads: [0, 0, 0, 0] })];
      },
    };
  },
  unseen: (work) =>
    work.results[0].data.every((value) => value >= 0) ? 'no maximum is below 0' : withinImage(work),
};

export const faults: readonly Fault<'maxPool2d'>[] = [
  droppedMaximum,
  shiftedRow(0, allRowsInEveryWindow),
  paddedByZeros,
];
