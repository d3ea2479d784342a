// Mutants of matrix products.
import type { OpName, Tensor } from '@isonet/core';
import { dimOf } from '@isonet/core';
import type { Mutant, Mutants } from '../mutant.ts';
import { ignored, inFormat, mutant, oneOff, onOperands, withOperand } from '../mutant.ts';
import { rolled, valued, withoutLast } from '../tensors.ts';

type Product = 'matMul' | 'batchMatMul';

/** Drops the last column of the first matrix of each product. */
const droppedTerm: Mutant<Product> = mutant('a dropped term', ({ node, operands, right }) => {
  const { length } = operands[0].shape;
  const axis = node.attrs.transposeA ? length - 2 : length - 1;
  return right({ operands: withOperand(operands, 0, (x) => withoutLast(x, axis)) });
});

const shiftedRow: Mutant<Product> = mutant('a shifted row', (work) => {
  const { length } = work.operands[0].shape;
  const axis = work.node.attrs.transposeA ? length - 1 : length - 2;
  return onOperands(
    work,
    withOperand(work.operands, 0, (x) => rolled(x, axis, 1)),
    'all rows are alike',
  );
});

const previousMatrix: Mutant<'batchMatMul'> = mutant('the previous matrix', (work) =>
  onOperands(
    work,
    withOperand(work.operands, 0, (x) => rolled(x, 0, 1)),
    'all matrices are alike',
  ),
);

const firstForEvery: Mutant<'batchMatMul'> = mutant(
  'the first y for every x',
  ({ operands: [x, y], right }) => {
    const size = y.data.length / dimOf(y.shape, 0);
    return right({ operands: [x, valued(y, (_, i) => y.data[i % size] ?? NaN)] });
  },
  ({ operands: [x] }) => (dimOf(x.shape, 0) === 1 ? 'there is one pair' : undefined),
);

const squareUntransposed: Mutant<Product> = mutant(
  'square matrices are not transposed',
  ({ node: { attrs }, operands: [x, y], right }) =>
    right({
      attrs: {
        transposeA: attrs.transposeA && !isSquare(x),
        transposeB: attrs.transposeB && !isSquare(y),
      },
    }),
  ({ node: { attrs }, operands: [x, y] }) => {
    const transposed = (attrs.transposeA && isSquare(x)) || (attrs.transposeB && isSquare(y));
    return transposed ? undefined : 'no square matrix is transposed';
  },
);

/** Returns whether the matrices are square and have more than one element. */
function isSquare({ shape }: Tensor): boolean {
  return shape.at(-1) === shape.at(-2) && shape.at(-1) !== 1;
}

export const products = {
  batchMatMul: [
    droppedTerm,
    shiftedRow,
    previousMatrix,
    inFormat('TF32'),
    inFormat('bf16'),
    firstForEvery,
    squareUntransposed,
  ],
  dense: [
    mutant('a dropped term', ({ operands, right }) =>
      right({ operands: withOperand(operands, 0, (x) => withoutLast(x, 1)) }),
    ),
    oneOff(1, 'w'),
    ignored(2, 'bias'),
    inFormat('TF32'),
    inFormat('bf16'),
  ],
  matMul: [droppedTerm, shiftedRow, inFormat('TF32'), inFormat('bf16'), squareUntransposed],
} satisfies Partial<Mutants<OpName>>;
