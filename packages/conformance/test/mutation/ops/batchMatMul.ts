import type { Tensor } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { inFormat, kernel, sameTensors, withOperand } from '../fault.ts';
import { rolled, withoutLast } from '../tensors.ts';
import type { Formula } from '../../formulas/formula.ts';
import { Attrs } from '../../../src/cases/batchMatMul.ts';

export const formula: Formula<'batchMatMul'> = ([x, y], { transposeA, transposeB }) => {
  const [count, k] = [dimOf(x.shape, 0), dimOf(x.shape, transposeA ? 1 : 2)];
  const [m, n] = [dimOf(x.shape, transposeA ? 2 : 1), dimOf(y.shape, transposeB ? 1 : 2)];
  return [
    Array.from({ length: sizeOf([count, m, n]) }, (_, i) => {
      const [pair, row, column] = [Math.floor(i / n / m), Math.floor(i / n) % m, i % n];
      let total = 0;
      for (let term = 0; term < k; term++) {
        const left = transposeA ? term * m + row : row * k + term;
        const right = transposeB ? column * k + term : term * n + column;
        total += numberAt(x.data, pair * m * k + left) * numberAt(y.data, pair * k * n + right);
      }
      return total;
    }),
  ];
};

/** The last column of each first matrix meets nothing. */
const droppedTerm: Fault<'batchMatMul'> = {
  name: 'a dropped term',
  plant: ({ node, operands }) => {
    const axis = node.attrs.transposeA ? 1 : 2;
    return { operands: withOperand(operands, 0, (x) => withoutLast(x, axis)) };
  },
};

/** Rows, or whole matrices, one further on. */
function shifted(name: string, axisOf: (attrs: Attrs) => number, unless: string): Fault<'batchMatMul'> {
  return {
    name,
    plant: ({ node, operands }) => {
      const changed = withOperand(operands, 0, (x) => rolled(x, axisOf(node.attrs), 1));
      return sameTensors(operands, changed) ? unless : { operands: changed };
    },
  };
}

export const faults: readonly Fault<'batchMatMul'>[] = [
  droppedTerm,
  shifted('a shifted row', ({ transposeA }) => (transposeA ? 2 : 1), 'all rows are alike'),
  shifted('the matrix before', () => 0, 'all matrices are alike'),
  inFormat('TF32'),
  inFormat('bf16'),
  kernel('batchMatMul: the first y for every x', ({ operands: [x] }) =>
    dimOf(x.shape, 0) === 1 ? 'there is one pair' : undefined,
  ),
  kernel('batchMatMul: a square matrix is never transposed', ({ node, operands: [x, y] }) => {
    const { transposeA, transposeB } = node.attrs;
    const turned = (transposeA && isSquare(x)) || (transposeB && isSquare(y));
    return turned ? undefined : 'no square matrix is transposed';
  }),
];

/** Matrices of more than one number. */
function isSquare({ shape }: Tensor): boolean {
  return shape[1] === shape[2] && dimOf(shape, 1) > 1;
}
