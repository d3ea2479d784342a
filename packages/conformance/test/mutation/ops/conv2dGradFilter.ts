import type { Fault, Work } from '../fault.ts';
import { inFormat } from '../fault.ts';
import type { Windows } from '../geometry.ts';
import { contacts, extentOf } from '../geometry.ts';
import { valued } from '../tensors.ts';
import { exchangedGroups, shiftedRow } from '../windows.ts';

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
