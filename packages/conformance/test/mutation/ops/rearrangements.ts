// Mutants of ops that move values.
import type { OpName, Tensor } from '@isonet/core';
import { defined, dimOf, shape4, sizeOf } from '@isonet/core';
import { compute } from '../evaluate.ts';
import type { Mutant, Mutants } from '../mutant.ts';
import { inFormat, mutant, oneOff, onOperands, withOperand } from '../mutant.ts';
import { hasOneValue, moved, sameData, valued } from '../tensors.ts';

const lastInputFirst: Mutant<'concat'> = mutant('the last input first', ({ operands, right }) => {
  const first = defined(operands[0], 'an input');
  const isFirst = (x: Tensor): boolean => x.shape.join() === first.shape.join() && sameData(x, first);
  if (operands.every(isFirst)) return 'all inputs are alike';
  return right({ operands: [...operands.slice(-1), ...operands.slice(0, -1)] });
});

const pythonIndices: Mutant<'gather'> = mutant(
  'negative indices count from the end',
  ({ node, operands: [x, indices], right }) => {
    const count = dimOf(x.shape, node.attrs.axis);
    return right({ operands: [x, valued(indices, (index) => (index < 0 ? index + count : index))] });
  },
  ({ operands: [, { data }] }) => (data.every((index) => index >= 0) ? 'no index is negative' : undefined),
);

const clampedIndices: Mutant<'gather'> = mutant(
  'indices outside are clamped',
  ({ node, operands: [x, indices], right }) => {
    const last = dimOf(x.shape, node.attrs.axis) - 1;
    return right({ operands: [x, valued(indices, (index) => Math.min(last, Math.max(0, index)))] });
  },
  ({ node, operands: [x, { data }] }) =>
    data.every((index) => index >= 0 && index < dimOf(x.shape, node.attrs.axis))
      ? 'every index is inside'
      : undefined,
);

const paddedByZeros: Mutant<'pad'> = mutant(
  'zeros for the value',
  ({ node: { attrs }, right }) => right({ attrs: { ...attrs, value: 0 } }),
  ({ node, operands: [x], right }) => {
    if (node.attrs.value === 0) return 'it is padded by zeros';
    return x.data.length === right()[0].data.length ? 'nothing is padded' : undefined;
  },
);

const columnMajor: Mutant<'reshape'> = mutant('column-major order', (work) =>
  onOperands(work, withOperand(work.operands, 0, inColumnMajor), 'both orders are the same'),
);

/** Rearranges the values into column-major order: the first axis is the innermost. */
function inColumnMajor(x: Tensor): Tensor {
  const axes = x.shape.map((dim, axis) => ({
    dim,
    across: sizeOf(x.shape.slice(axis + 1)),
    down: sizeOf(x.shape.slice(0, axis)),
  }));
  return moved(x, (i) =>
    axes.reduce((from, { dim, across, down }) => from + (Math.floor(i / across) % dim) * down, 0),
  );
}

/**
 * Starts the block one index later, or one earlier if it ends at the last index, along the first axis that is not
 * taken entirely.
 */
const shiftedBlock: Mutant<'slice'> = mutant(
  'a shifted block',
  ({ node: { attrs }, operands: [x], right }) => {
    const slacks = x.shape.map((dim, axis) => dim - defined(attrs.sizes[axis], `the size of axis ${axis}`));
    const shifted = slacks.findIndex((slack) => slack > 0);
    if (shifted < 0) return 'all of it is taken';
    const starts = attrs.starts.map((start, axis) => {
      if (axis !== shifted) return start;
      return start === slacks[axis] ? start - 1 : start + 1;
    });
    return right({ attrs: { ...attrs, starts } });
  },
);

const inversePermutation: Mutant<'transpose'> = mutant(
  'the inverse permutation',
  ({ node: { attrs }, operands, right }) => {
    const shape = attrs.permutation.map((axis) => dimOf(operands[0].shape, axis));
    const [transposed] = right({ attrs: { permutation: inverse(attrs.permutation) } });
    return compute([transposed] as const, (b, [x]) => [b.op.reshape(x, { shape })]);
  },
  ({ node, operands: [x] }) => {
    const { permutation } = node.attrs;
    // Moving an axis of size 1 moves no values.
    const order = (axes: readonly number[]): string => axes.filter((axis) => dimOf(x.shape, axis) > 1).join();
    return order(permutation) === order(inverse(permutation)) ? 'it is its own inverse' : undefined;
  },
);

function inverse(permutation: readonly number[]): readonly number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

const tiled: Mutant<'upsampleNearest2d'> = mutant(
  'the whole image repeated',
  ({ node: { attrs }, operands, right }) => {
    const [n, c, h, w] = shape4(operands[0].shape);
    const [rows, columns] = [h * attrs.scales[0], w * attrs.scales[1]];
    return right().map((y) =>
      valued(y, (_, i) => {
        const [row, column] = [Math.floor(i / columns) % rows, i % columns];
        const plane = Math.floor(i / (rows * columns)) % (n * c);
        return defined(operands[0].data[(plane * h + (row % h)) * w + (column % w)], 'a pixel');
      }),
    );
  },
  ({ node: { attrs }, operands: [x] }) => {
    const [, , h, w] = shape4(x.shape);
    if (sizeOf(attrs.scales) === 1) return 'there is one copy';
    return h * w === 1 || hasOneValue(x) ? 'every image has one value' : undefined;
  },
);

export const rearrangements = {
  broadcast: [oneOff(0, 'x')],
  concat: [lastInputFirst],
  gather: [
    oneOff(0, 'x'),
    oneOff(1, 'indices'),
    inFormat('TF32'),
    inFormat('bf16'),
    pythonIndices,
    clampedIndices,
  ],
  oneHot: [oneOff(0, 'labels')],
  pad: [oneOff(0, 'x'), paddedByZeros],
  reshape: [columnMajor, oneOff(0, 'x')],
  slice: [shiftedBlock],
  transpose: [inversePermutation, oneOff(0, 'x')],
  upsampleNearest2d: [oneOff(0, 'x'), tiled],
} satisfies Partial<Mutants<OpName>>;
