// Faults of convolutions and poolings: a tap dropped, a row shifted, padding that counts, the last maximum.
import type { Node, NodeOf, Tensor } from '@isonet/core';
import { rising } from '../devices.ts';
import type { Fault, FaultsOf, Work } from './fault.ts';
import { inFormat, operand, withOperand } from './fault.ts';
import type { TappedPixel, Windows } from './geometry.ts';
import {
  contacts,
  haveTies,
  holdAllRows,
  extentOf,
  poolWindows,
  reachPadding,
  windowPixels,
} from './geometry.ts';
import { rolled, valued, zeroedAlong } from './tensors.ts';

type Convolution = 'conv2d' | 'conv2dGradInput' | 'conv2dGradFilter';
type MaxPool = 'maxPool2d' | 'maxPool2dGrad' | 'maxPool2dGather';
type WindowOp = Convolution | MaxPool | 'avgPool2d' | 'avgPool2dGrad';

/** The lowest float32: what a window without pixels has. */
const LOWEST = -(2 - 2 ** -23) * 2 ** 127;

/** Images a row further down, the last row first; where there is one row, a column. */
function shiftedRow<N extends Node>(index: number, unseen?: Fault<N>['unseen']): Fault<N> {
  const shift = (x: Tensor): Tensor => rolled(x, rowsOf(x), 1);
  return operand(index, 'a shifted row', shift, 'all rows are alike', unseen);
}

/** Zeros come in at the first row: a sum over all rows, as overlapping pools make it, would stay if the last row did. */
const shiftedGradient: Fault = operand(
  2,
  'a shifted row',
  (dy) => zeroedAlong(rolled(dy, rowsOf(dy), 1), rowsOf(dy), 0),
  'it is 0',
);

/** The axis of the rows; of the columns, where there is one row. */
function rowsOf({ shape: [, , height = 1] }: Tensor): number {
  return height > 1 ? 2 : 3;
}

/** Of each filter, the last tap that lies on a pixel in any window. */
function droppedTap<N extends Node>(windowsOf: (work: Work<N>) => Windows): Fault<N> {
  const plant: Fault<N>['plant'] = (work) => {
    const windows = windowsOf(work);
    const row = last(contacts(0, windows).map(({ tap }) => tap));
    const column = last(contacts(1, windows).map(({ tap }) => tap));
    if (row === undefined || column === undefined) return 'every window lies in the padding';
    const drop = (w: Tensor): Tensor => {
      const [height, width] = extentOf(w.shape);
      return valued(w, (i) => {
        const dropped = Math.floor(i / width) % height === row && i % width === column;
        return dropped ? 0 : (w.data[i] ?? NaN);
      });
    };
    return { operands: withOperand(work.operands, 1, drop) };
  };
  return { name: 'a dropped tap', plant };
}

/** The last column in which the filter's gradient meets anything but 0 adds nothing to it. */
const droppedColumn: Fault<NodeOf<'conv2dGradFilter'>> = {
  name: 'a dropped column',
  plant: (work) => {
    const [x, dy] = work.operands;
    const columns = new Set(contacts(1, filterWindows(work)).map(({ window }) => window));
    if (columns.size === 0) return 'every window lies in the padding';
    if (!x || !dy) return 'there is no gradient';
    const [, width] = extentOf(dy.shape);
    const met = Array.from(dy.data, (value, i) => (value !== 0 && columns.has(i % width) ? i % width : -1));
    const column = met.reduce((a, b) => Math.max(a, b), -1);
    return { operands: [x, valued(dy, (i) => (i % width === column ? 0 : (dy.data[i] ?? NaN)))] };
  },
};

/** Each group works with the next one's filters. */
function exchangedGroups(axis: 0 | 1): Fault<NodeOf<Convolution>> {
  return {
    name: 'exchanged groups',
    plant: ({ node, operands }) => {
      const { groups } = node.attrs;
      const roll = (w: Tensor): Tensor => rolled(w, axis, (w.shape[axis] ?? 1) / groups);
      return groups === 1 ? 'there is one group' : { operands: withOperand(operands, 1, roll) };
    },
  };
}

function last(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function forwardWindows({ node, operands: [x, w], results: [y] }: Work<NodeOf<'conv2d'>>): Windows {
  return {
    ...node.attrs,
    image: extentOf(x?.shape ?? []),
    kernel: extentOf(w?.shape ?? []),
    windows: extentOf(y?.shape ?? []),
  };
}

function inputWindows({ node, operands: [dy, w] }: Work<NodeOf<'conv2dGradInput'>>): Windows {
  return {
    ...node.attrs,
    image: extentOf(node.attrs.inputShape),
    kernel: extentOf(w?.shape ?? []),
    windows: extentOf(dy?.shape ?? []),
  };
}

function filterWindows({ node, operands: [x, dy] }: Work<NodeOf<'conv2dGradFilter'>>): Windows {
  const { attrs } = node;
  return {
    ...attrs,
    image: extentOf(x?.shape ?? []),
    kernel: extentOf(attrs.filterShape),
    windows: extentOf(dy?.shape ?? []),
  };
}

/** A tap in which some window has its only maximum is left out. */
const droppedMaximum: Fault<NodeOf<'maxPool2d'>> = {
  name: 'a dropped tap',
  plant: ({ node, operands: [x], results: [y] }) => {
    if (!x || !y) return 'there is no image';
    if (node.attrs.kernel.every((size) => size === 1)) return 'the window is one pixel';
    const windows = windowPixels(x.shape, poolWindows(x.shape, y.shape, node.attrs));
    const holds = ({ pixel }: TappedPixel, window: number): boolean => x.data[pixel] === y.data[window];
    const sole = windows.flatMap((pixels, window) => {
      const maxima = pixels.filter((pixel) => holds(pixel, window));
      return maxima.length === 1 ? maxima : [];
    });
    const tap = sole.at(-1)?.tap;
    if (tap === undefined) return 'every window has its maximum twice';
    const rest = (window: number): readonly number[] =>
      (windows[window] ?? []).filter((each) => each.tap !== tap).map(({ pixel }) => x.data[pixel] ?? NaN);
    return { results: [valued(y, (window) => Math.max(LOWEST, ...rest(window)))] };
  },
};

const paddedByZeros: Fault<NodeOf<'maxPool2d'>> = {
  name: 'padding by zeros',
  plant: ({ node }) =>
    node.attrs.pads.every((pad) => pad === 0)
      ? 'there is no padding'
      : {
          emit: (b, [x]) => {
            const [top, left, bottom, right] = node.attrs.pads;
            if (!x) return [];
            const padded = b.op.pad(x, { before: [0, 0, top, left], after: [0, 0, bottom, right], value: 0 });
            return [b.op.maxPool2d(padded, { ...node.attrs, pads: [0, 0, 0, 0] })];
          },
        },
  unseen: (work) => {
    if (work.results[0]?.data.every((value) => value >= 0)) return 'no maximum is below 0';
    return withinImage(work);
  },
};

/** The last of several maxima is taken for the first. */
const lastMaximum: Fault<NodeOf<'maxPool2dGrad' | 'maxPool2dGather'>> = {
  name: 'the last maximum',
  plant: ({ node, operands: [x, y] }) => {
    if (!x || !y) return 'there is no image';
    if (!haveTies(x, poolWindows(x.shape, y.shape, node.attrs))) return 'no window has two maxima';
    return {
      emit: (b, [image, ...rest]) => (image ? b.emit(node.op, [rising(b, image), ...rest], node.attrs) : []),
    };
  },
};

/** Averages divide by the whole window where they should not, and the other way round. */
const countedOtherwise: Fault<NodeOf<'avgPool2d' | 'avgPool2dGrad'>> = {
  name: 'padding counts otherwise',
  plant: ({ node }) => {
    const { attrs } = node;
    if (attrs.pads.every((pad) => pad === 0)) return 'there is no padding';
    return { attrs: { ...attrs, countPadding: !attrs.countPadding } };
  },
  unseen: withinImage,
};

/** Of a shifted row of a pooled image: that it stays in every window. */
function allRowsInEveryWindow(work: Work<NodeOf<'maxPool2d' | 'avgPool2d'>>): string | undefined {
  return holdAllRows(windowsOfPool(work)) ? 'every window holds all rows' : undefined;
}

function withinImage(work: Work<NodeOf<'maxPool2d' | 'avgPool2d' | 'avgPool2dGrad'>>): string | undefined {
  return reachPadding(windowsOfPool(work)) ? undefined : 'no window reaches into the padding';
}

function windowsOfPool({
  node,
  operands: [x],
  results: [y],
}: Work<NodeOf<'maxPool2d' | 'avgPool2d' | 'avgPool2dGrad'>>): Windows {
  const [from, to] = [x?.shape ?? [], y?.shape ?? []];
  return node.op === 'avgPool2dGrad' ? poolWindows(to, from, node.attrs) : poolWindows(from, to, node.attrs);
}

export const windowFaults: Pick<FaultsOf, WindowOp> = {
  conv2d: [droppedTap(forwardWindows), shiftedRow(0), exchangedGroups(0), inFormat('TF32'), inFormat('bf16')],
  conv2dGradInput: [
    droppedTap(inputWindows),
    shiftedRow(0),
    exchangedGroups(0),
    inFormat('TF32'),
    inFormat('bf16'),
  ],
  conv2dGradFilter: [droppedColumn, shiftedRow(0), exchangedGroups(1), inFormat('TF32'), inFormat('bf16')],
  maxPool2d: [droppedMaximum, shiftedRow(0, allRowsInEveryWindow), paddedByZeros],
  maxPool2dGrad: [lastMaximum, shiftedGradient],
  maxPool2dGather: [lastMaximum, shiftedRow(2)],
  avgPool2d: [countedOtherwise, shiftedRow(0, allRowsInEveryWindow), inFormat('bf16')],
  avgPool2dGrad: [countedOtherwise, shiftedRow(0), inFormat('bf16')],
};
