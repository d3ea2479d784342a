// Mutants of convolutions and their gradients.
import type { NodeOf, OpName, Shape, Tensor } from '@isonet/core';
import { dimOf } from '@isonet/core';
import type { Windows } from '../geometry.ts';
import { contacts, extentOf, shiftedRow } from '../geometry.ts';
import type { Mutant, Mutants, Work } from '../mutant.ts';
import { inFormat, mutant, withOperand } from '../mutant.ts';
import { rolled, valued } from '../tensors.ts';

type Convolution = 'conv2d' | 'conv2dGradInput' | 'conv2dGradFilter';

function windowsOf({ attrs }: NodeOf<Convolution>, image: Shape, filter: Shape, result: Shape): Windows {
  return { ...attrs, image: extentOf(image), kernel: extentOf(filter), windows: extentOf(result) };
}

/** Drops, from each filter, the last tap that falls on a pixel in any window. */
function droppedTap<K extends 'conv2d' | 'conv2dGradInput'>(of: (work: Work<K>) => Windows): Mutant<K> {
  return mutant('a dropped tap', (work) => {
    const windows = of(work);
    const row = last(contacts(0, windows).map(({ tap }) => tap));
    const column = last(contacts(1, windows).map(({ tap }) => tap));
    if (row === undefined || column === undefined) return 'every window lies in the padding';
    const drop = (w: Tensor): Tensor => {
      const [height, width] = extentOf(w.shape);
      return valued(w, (value, i) =>
        Math.floor(i / width) % height === row && i % width === column ? 0 : value,
      );
    };
    return work.right({ operands: withOperand(work.operands, 1, drop) });
  });
}

function last(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}

/** Drops the last column in which the filter's gradient meets a value other than 0. */
const droppedColumn: Mutant<'conv2dGradFilter'> = mutant(
  'a dropped column',
  ({ node, operands: [x, dy], right }) => {
    const windows = windowsOf(node, x.shape, node.attrs.filterShape, dy.shape);
    const columns = new Set(contacts(1, windows).map(({ window }) => window));
    if (columns.size === 0) return 'every window lies in the padding';
    const [, width] = extentOf(dy.shape);
    const met = Array.from(dy.data, (value, i) => (value !== 0 && columns.has(i % width) ? i % width : -1));
    const column = met.reduce((a, b) => Math.max(a, b), -1);
    return right({ operands: [x, valued(dy, (value, i) => (i % width === column ? 0 : value))] });
  },
);

/** Each group works with the filters of the next one. */
function nextFilters(axis: 0 | 1): Mutant<Convolution> {
  return mutant('filters of the next group', ({ node, operands, right }) => {
    const { groups } = node.attrs;
    const roll = (w: Tensor): Tensor => rolled(w, axis, dimOf(w.shape, axis) / groups);
    return groups === 1 ? 'there is one group' : right({ operands: withOperand(operands, 1, roll) });
  });
}

const paddedLower: Mutant<'conv2d'> = mutant(
  'a row of padding at the bottom instead of the top',
  ({ node: { attrs }, right }) => {
    const [top, left, bottom, end] = attrs.pads;
    if (top === 0) return 'nothing is padded at the top';
    return right({ attrs: { ...attrs, pads: [top - 1, left, bottom + 1, end] } });
  },
);

const inFewerBits = [inFormat('TF32'), inFormat('bf16')] as const;

export const convolutions = {
  conv2d: [
    droppedTap(({ node, operands: [x, w], right }) => windowsOf(node, x.shape, w.shape, right()[0].shape)),
    shiftedRow(0),
    paddedLower,
    nextFilters(0),
    ...inFewerBits,
  ],
  conv2dGradInput: [
    droppedTap(({ node, operands: [dy, w] }) => windowsOf(node, node.attrs.inputShape, w.shape, dy.shape)),
    shiftedRow(0),
    nextFilters(0),
    ...inFewerBits,
  ],
  conv2dGradFilter: [droppedColumn, shiftedRow(0), nextFilters(1), ...inFewerBits],
} satisfies Partial<Mutants<OpName>>;
