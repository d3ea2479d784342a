// Faults that convolutions and poolings share: a tap dropped, a row shifted, groups exchanged, padding that counts.
import type { OpName, Tensor } from '@isonet/core';
import { dimOf } from '@isonet/core';
import { rising } from './devices.ts';
import type { Fault, Work } from './fault.ts';
import { operand, withOperand } from './fault.ts';
import type { Windows } from './geometry.ts';
import { contacts, extentOf, haveTies, holdAllRows, poolWindows, reachPadding } from './geometry.ts';
import { rolled, valued, zeroedAlong } from './tensors.ts';

type Convolution = 'conv2d' | 'conv2dGradInput' | 'conv2dGradFilter';
type Pool = 'maxPool2d' | 'avgPool2d' | 'avgPool2dGrad';

/** Images a row further down, the last row first; where there is one row, a column. */
export function shiftedRow<K extends OpName>(index: number, unseen?: Fault<K>['unseen']): Fault<K> {
  const shift = (x: Tensor): Tensor => rolled(x, rowsOf(x), 1);
  return operand(index, 'a shifted row', shift, 'all rows are alike', unseen);
}

/** Zeros come in at the first row: a sum over all rows, as overlapping pools make it, would stay if the last row did. */
export function shiftedGradient(index: number): Fault {
  const shift = (dy: Tensor): Tensor => zeroedAlong(rolled(dy, rowsOf(dy), 1), rowsOf(dy), 0);
  return operand(index, 'a shifted row', shift, 'it is 0');
}

/** The axis of the rows; of the columns, where there is one row. */
function rowsOf({ shape }: Tensor): number {
  return dimOf(shape, 2) > 1 ? 2 : 3;
}

/** Of each filter, the last tap that lies on a pixel in any window. */
export function droppedTap<K extends Convolution>(windowsOf: (work: Work<K>) => Windows): Fault<K> {
  const plant: Fault<K>['plant'] = (work) => {
    const windows = windowsOf(work);
    const row = last(contacts(0, windows).map(({ tap }) => tap));
    const column = last(contacts(1, windows).map(({ tap }) => tap));
    if (row === undefined || column === undefined) return 'every window lies in the padding';
    const drop = (w: Tensor): Tensor => {
      const [height, width] = extentOf(w.shape);
      return valued(w, (value, i) =>
        Math.floor(i / width) % height === row && i % width === column ? 0 : value,
      );
    };
    return { operands: withOperand(work.operands, 1, drop) };
  };
  return { name: 'a dropped tap', plant };
}

function last(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** Each group works with the next one's filters. */
export function exchangedGroups(axis: 0 | 1): Fault<Convolution> {
  return {
    name: 'exchanged groups',
    plant: ({ node, operands }) => {
      const { groups } = node.attrs;
      const roll = (w: Tensor): Tensor => rolled(w, axis, dimOf(w.shape, axis) / groups);
      return groups === 1 ? 'there is one group' : { operands: withOperand(operands, 1, roll) };
    },
  };
}

/** The last of several maxima is taken for the first. */
export const lastMaximum: Fault<'maxPool2dGrad' | 'maxPool2dGather'> = {
  name: 'the last maximum',
  plant: ({ node, operands: [x, y] }) => {
    if (!haveTies(x, poolWindows(x.shape, y.shape, node.attrs))) return 'no window has two maxima';
    return { emit: (b, [image, ...rest]) => b.emit(node.op, [rising(b, image), ...rest], node.attrs) };
  },
};

/** Averages divide by the whole window where they should not, and the other way round. */
export const countedOtherwise: Fault<'avgPool2d' | 'avgPool2dGrad'> = {
  name: 'padding counts otherwise',
  plant: ({ node }) => {
    const { attrs } = node;
    if (attrs.pads.every((pad) => pad === 0)) return 'there is no padding';
    return { attrs: { ...attrs, countPadding: !attrs.countPadding } };
  },
  unseen: withinImage,
};

/** For `unseen`: of a shifted row of a pooled image, that it stays in every window. */
export function allRowsInEveryWindow(work: Work<'maxPool2d' | 'avgPool2d'>): string | undefined {
  return holdAllRows(windowsOfPool(work)) ? 'every window holds all rows' : undefined;
}

/** For `unseen`. */
export function withinImage(work: Work<Pool>): string | undefined {
  return reachPadding(windowsOfPool(work)) ? undefined : 'no window reaches into the padding';
}

function windowsOfPool({ node, operands: [x], results: [y] }: Work<Pool>): Windows {
  const [image, pooled] = node.op === 'avgPool2dGrad' ? [y, x] : [x, y];
  return poolWindows(image.shape, pooled.shape, node.attrs);
}
