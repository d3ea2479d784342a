// conv2dGradFilter on its own, not as conv2d's gradient: so that its gradients, conv2dGradInput and conv2d again, are met as well.
import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import type { Fault, Work } from '../faults/planted/fault.ts';
import { inFormat } from '../faults/planted/fault.ts';
import type { Windows } from '../faults/planted/geometry.ts';
import { contacts, extentOf } from '../faults/planted/geometry.ts';
import { valued } from '../faults/planted/tensors.ts';
import { exchangedGroups, shiftedRow } from '../faults/planted/windows.ts';
import { convolutions } from './convolutions.ts';
import { conv2dGradFilterAtFullSize } from './fullSize.ts';

export const cases: readonly Case[] = [
  ...convolutions.map(({ name, x, w, y, attrs }) =>
    exact(`conv2dGradFilter/${name}`, { x: integers('x', x), dy: integers('dy', y) }, (op, values) =>
      op.conv2dGradFilter(values.x, values.dy, { ...attrs, filterShape: w }),
    ),
  ),
  ...conv2dGradFilterAtFullSize,
];

/** The last column in which the filter's gradient meets anything but 0 adds nothing to it. */
const droppedColumn: Fault<'conv2dGradFilter'> = {
  name: 'a dropped column',
  plant: (work) => {
    const [x, dy] = work.operands;
    const columns = new Set(contacts(1, windowsOf(work)).map(({ window }) => window));
    if (columns.size === 0) return 'every window lies in the padding';
    const [, width] = extentOf(dy.shape);
    const met = Array.from(dy.data, (value, i) => (value !== 0 && columns.has(i % width) ? i % width : -1));
    const column = met.reduce((a, b) => Math.max(a, b), -1);
    return { operands: [x, valued(dy, (value, i) => (i % width === column ? 0 : value))] };
  },
};

function windowsOf({ node: { attrs }, operands: [x, dy] }: Work<'conv2dGradFilter'>): Windows {
  return {
    ...attrs,
    image: extentOf(x.shape),
    kernel: extentOf(attrs.filterShape),
    windows: extentOf(dy.shape),
  };
}

export const faults: readonly Fault<'conv2dGradFilter'>[] = [
  droppedColumn,
  shiftedRow(0),
  exchangedGroups(1),
  inFormat('TF32'),
  inFormat('bf16'),
];
