// Mutants of poolings and their gradients.
import type { OpName } from '@isonet/core';
import { defined } from '@isonet/core';
import { elementAt } from '../../../src/check/compare.ts';
import { compute } from '../evaluate.ts';
import type { Windows } from '../geometry.ts';
import {
  haveTies,
  holdAllRows,
  poolWindows,
  reachPadding,
  rowsOf,
  shiftedRow,
  windowPixels,
} from '../geometry.ts';
import type { Mutant, Mutants, Work } from '../mutant.ts';
import { inFormat, mutant, operand, withOperand } from '../mutant.ts';
import { hasOneValue, rising, rolled, valued, withoutLast, zeroedAlong } from '../tensors.ts';

type Pool = 'maxPool2d' | 'avgPool2d' | 'avgPool2dGrad';

/** The lowest float32: the maximum of a window without pixels. */
const LOWEST = -(2 - 2 ** -23) * 2 ** 127;

/** Leaves out a tap in which some window has its only maximum. */
const droppedMaximum: Mutant<'maxPool2d'> = mutant('a dropped tap', ({ node, operands: [x], right }) => {
  if (node.attrs.kernel.every((size) => size === 1)) return 'the window is one pixel';
  const [y] = right();
  const windows = windowPixels(x.shape, poolWindows(x.shape, y.shape, node.attrs));
  const sole = windows.flatMap((pixels, window) => {
    const maxima = pixels.filter(({ pixel }) => x.data[pixel] === y.data[window]);
    return maxima.length === 1 ? maxima : [];
  });
  const tap = sole.at(-1)?.tap;
  if (tap === undefined) return 'every window has its maximum twice';
  const largest = windows.map((pixels) => {
    const rest = pixels.filter((each) => each.tap !== tap);
    return Math.max(LOWEST, ...rest.map(({ pixel }) => elementAt(x.data, pixel)));
  });
  return [valued(y, (_, window) => defined(largest[window], `window ${window}`))];
});

const paddedByZeros: Mutant<'maxPool2d'> = mutant(
  'zero padding',
  ({ node: { attrs }, operands }) => {
    const [top, left, bottom, right] = attrs.pads;
    if (attrs.pads.every((pad) => pad === 0)) return 'there is no padding';
    return compute(operands, (b, [x]) => {
      const padded = b.op.pad(x, { before: [0, 0, top, left], after: [0, 0, bottom, right], value: 0 });
      return [b.op.maxPool2d(padded, { ...attrs, pads: [0, 0, 0, 0] })];
    });
  },
  (work) => (work.right()[0].data.every((value) => value >= 0) ? 'no maximum is below 0' : withinImage(work)),
);

/** Treats the last of several equal maxima as the first. */
const lastMaximum: Mutant<'maxPool2dGrad' | 'maxPool2dGather'> = mutant(
  'the last maximum',
  ({ node, operands, right }) => {
    const [x, y] = operands;
    if (!haveTies(x, poolWindows(x.shape, y.shape, node.attrs))) return 'no window has two maxima';
    return right({ operands: withOperand(operands, 0, rising) });
  },
);

const firstPixel: Mutant<'maxPool2dGather'> = operand(
  0,
  'the first pixel',
  (x) => valued(x, () => 0),
  'x is 0',
  ({ node, operands: [x, y, v] }) => {
    if (hasOneValue(v)) return 'all values to gather are equal';
    const windows = windowPixels(x.shape, poolWindows(x.shape, y.shape, node.attrs));
    const isFirst = windows.every(([first], window) => first && x.data[first.pixel] === y.data[window]);
    return isFirst ? 'every maximum is the first pixel' : undefined;
  },
);

/**
 * Shifts the gradient down by a row and fills the first row with zeros. If the last row wrapped around instead, sums
 * over all rows, as in overlapping pools, would not change.
 */
const shiftedGradient: Mutant<'maxPool2dGrad'> = operand(
  2,
  'a shifted row',
  (dy) => zeroedAlong(rolled(dy, rowsOf(dy), 1), rowsOf(dy), 0),
  'it is 0',
);

/**
 * Divides averages by the size of the whole window instead of the number of pixels inside the image, and vice versa.
 */
const invertedCount = mutant<'avgPool2d' | 'avgPool2dGrad'>(
  'countPadding inverted',
  ({ node: { attrs }, right }) => {
    if (attrs.pads.every((pad) => pad === 0)) return 'there is no padding';
    return right({ attrs: { ...attrs, countPadding: !attrs.countPadding } });
  },
  withinImage,
);

/** For `equivalent`: a shifted row of a pooled image stays in every window. */
function allRowsInEveryWindow(work: Work<'maxPool2d' | 'avgPool2d'>): string | undefined {
  return holdAllRows(windowsOf(work)) ? 'every window holds all rows' : undefined;
}

function withinImage(work: Work<Pool>): string | undefined {
  return reachPadding(windowsOf(work)) ? undefined : 'no window reaches into the padding';
}

function windowsOf({ node, operands: [x], right }: Work<Pool>): Windows {
  const [y] = right();
  const [image, pooled] = node.op === 'avgPool2dGrad' ? ([y, x] as const) : ([x, y] as const);
  return poolWindows(image.shape, pooled.shape, node.attrs);
}

export const poolings = {
  avgPool2d: [invertedCount, shiftedRow(0, allRowsInEveryWindow), inFormat('bf16')],
  avgPool2dGrad: [invertedCount, shiftedRow(0), inFormat('bf16')],
  globalAvgPool2d: [
    mutant('a dropped row', ({ operands, right }) =>
      right({ operands: withOperand(operands, 0, (x) => withoutLast(x, 2)) }),
    ),
    inFormat('bf16'),
  ],
  maxPool2d: [droppedMaximum, shiftedRow(0, allRowsInEveryWindow), paddedByZeros],
  maxPool2dGather: [lastMaximum, firstPixel, shiftedRow(2)],
  maxPool2dGrad: [lastMaximum, shiftedGradient],
} satisfies Partial<Mutants<OpName>>;
