import type { Tensor } from '@isonet/core';
import { shape2 } from '@isonet/core';
import type { Fault } from '../fault.ts';
import { inFormat, kernel, sameTensors, withOperand } from '../fault.ts';
import { rolled, withoutLast } from '../tensors.ts';

/** The last column of the first matrix meets nothing. */
const droppedTerm: Fault<'matMul'> = {
  name: 'a dropped term',
  plant: ({ node, operands }) => {
    const axis = node.attrs.transposeA ? 0 : 1;
    return { operands: withOperand(operands, 0, (x) => withoutLast(x, axis)) };
  },
};

const shiftedMatrix: Fault<'matMul'> = {
  name: 'a shifted row',
  plant: ({ node, operands }) => {
    const axis = node.attrs.transposeA ? 1 : 0;
    const shifted = withOperand(operands, 0, (x) => rolled(x, axis, 1));
    return sameTensors(operands, shifted) ? 'all rows are alike' : { operands: shifted };
  },
};

export const faults: readonly Fault<'matMul'>[] = [
  droppedTerm,
  shiftedMatrix,
  inFormat('TF32'),
  inFormat('bf16'),
  kernel('matMul: a square matrix is never transposed', ({ node, operands: [x, y] }) => {
    const { transposeA, transposeB } = node.attrs;
    const turned = (transposeA && isSquare(x)) || (transposeB && isSquare(y));
    return turned ? undefined : 'no square matrix is transposed';
  }),
];

/** Of more than one number. */
function isSquare({ shape }: Tensor): boolean {
  const [rows, columns] = shape2(shape);
  return rows === columns && rows > 1;
}
