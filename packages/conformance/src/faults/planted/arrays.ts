// Faults of products, reductions, choices and rearrangements.
import type { NodeOf, Tensor } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { Fault, FaultsOf } from './fault.ts';
import { exchanged, inFormat, kernel, oneOff, oneResult, withOperand } from './fault.ts';
import { isOneNumber, rolled, sameData, valued, zeroedAlong } from './tensors.ts';

type ArrayOp =
  | 'argMax'
  | 'broadcast'
  | 'cast'
  | 'concat'
  | 'equal'
  | 'globalAvgPool2d'
  | 'greater'
  | 'isFinite'
  | 'matMul'
  | 'oneHot'
  | 'pad'
  | 'randomUniform'
  | 'reduceMax'
  | 'reduceSum'
  | 'reshape'
  | 'select'
  | 'slice'
  | 'stopGradient'
  | 'transpose';

/** The last column of the first matrix meets nothing. */
const droppedTerm: Fault<NodeOf<'matMul'>> = {
  name: 'a dropped term',
  plant: ({ node, operands }) => {
    const axis = node.attrs.transposeA ? 0 : 1;
    return { operands: withOperand(operands, 0, (x) => withoutLast(x, axis)) };
  },
};

const shiftedMatrix: Fault<NodeOf<'matMul'>> = {
  name: 'a shifted row',
  plant: ({ node, operands }) => {
    const axis = node.attrs.transposeA ? 1 : 0;
    const shifted = withOperand(operands, 0, (x) => rolled(x, axis, 1));
    return operands.every((x, i) => sameData(x, shifted[i])) ? 'all rows are alike' : { operands: shifted };
  },
};

const leftOutOfSum: Fault<NodeOf<'reduceSum'>> = {
  name: 'a dropped term',
  plant: ({ node, operands }) => {
    const [axis] = node.attrs.axes;
    if (axis === undefined) return 'nothing is summed';
    return { operands: withOperand(operands, 0, (x) => withoutLast(x, axis)) };
  },
};

const leftOutOfMean: Fault<NodeOf<'globalAvgPool2d'>> = {
  name: 'a dropped row',
  plant: ({ operands }) => ({ operands: withOperand(operands, 0, (x) => withoutLast(x, 2)) }),
};

const minimum: Fault<NodeOf<'reduceMax'>> = {
  name: 'the minimum',
  plant: ({ node }) => ({
    emit: (b, [x]) => {
      if (!x) return [];
      const negative = b.op.reduceMax(b.op.mul(x, b.fill(-1, x.shape)), node.attrs);
      return [b.op.mul(negative, b.fill(-1, negative.shape))];
    },
  }),
  unseen: ({ operands: [x], results: [y] }) =>
    x?.data.length === y?.data.length || (x && isOneNumber(x))
      ? 'there is nothing to choose from'
      : undefined,
};

const lastOfTie: Fault<NodeOf<'argMax'>> = kernel('argMax: the last of a tie', ({ node, operands: [x] }) => {
  if (!x) return undefined;
  const { axis } = node.attrs;
  const dim = x.shape[axis] ?? 1;
  const shifts = Array.from({ length: dim - 1 }, (_, i) => rolled(x, axis, i + 1));
  const isMaximum = (value: number, i: number): boolean =>
    shifts.every(({ data }) => value >= (data[i] ?? NaN));
  const tied = Array.from(x.data, Number).some(
    (value, i) => isMaximum(value, i) && shifts.some(({ data }) => data[i] === value),
  );
  return tied ? undefined : 'no maximum is there twice';
});

/** The block begins one further on along the first axis that has room, or one before. */
const shiftedBlock: Fault<NodeOf<'slice'>> = {
  name: 'a shifted block',
  plant: ({ node, operands: [x] }) => {
    const { starts, sizes } = node.attrs;
    const room = (axis: number): number => (x?.shape[axis] ?? 0) - (sizes[axis] ?? 0);
    const shifted = starts.findIndex((_, axis) => room(axis) > 0);
    if (shifted < 0) return 'all of it is taken';
    const move = (start: number): number => (start < room(shifted) ? start + 1 : start - 1);
    return {
      attrs: { starts: starts.map((start, axis) => (axis === shifted ? move(start) : start)), sizes },
    };
  },
};

const otherOrder: Fault<NodeOf<'reshape'>> = {
  name: 'column-major order',
  plant: ({ operands }) => {
    const turned = withOperand(operands, 0, columnMajor);
    return operands.every((x, i) => sameData(x, turned[i])) ? 'both orders are one' : { operands: turned };
  },
};

const lastInputFirst: Fault<NodeOf<'concat'>> = {
  name: 'the last input first',
  plant: ({ operands }) => {
    const [first] = operands;
    if (!first || operands.every((x) => x.shape.join() === first.shape.join() && sameData(x, first))) {
      return 'all inputs are alike';
    }
    return { operands: [...operands.slice(-1), ...operands.slice(0, -1)] };
  },
};

export const arrayFaults: Pick<FaultsOf, ArrayOp> = {
  argMax: [oneOff(0, 'x', oneResult), lastOfTie],
  broadcast: [oneOff(0, 'x')],
  cast: [
    oneOff(0, 'x', oneResult),
    kernel('cast: to the nearest', ({ node, operands: [x] }) => {
      if (node.attrs.to !== 'int32' || x?.dtype !== 'float64') return 'nothing is cut';
      return x.data.every(Number.isInteger) ? 'all numbers are whole' : undefined;
    }),
  ],
  concat: [lastInputFirst],
  equal: [oneOff(1, 'y')],
  globalAvgPool2d: [leftOutOfMean, inFormat('bf16')],
  greater: [oneOff(1, 'y'), exchanged(0, 1)],
  isFinite: [oneOff(0, 'x')],
  matMul: [
    droppedTerm,
    shiftedMatrix,
    inFormat('TF32'),
    inFormat('bf16'),
    kernel('matMul: a square matrix is never transposed', ({ node, operands: [x, y] }) => {
      const turned = [node.attrs.transposeA && x, node.attrs.transposeB && y];
      const square = turned.some(
        (matrix) => matrix && matrix.shape[0] === matrix.shape[1] && matrix.data.length > 1,
      );
      return square ? undefined : 'no square matrix is transposed';
    }),
  ],
  oneHot: [oneOff(0, 'labels')],
  pad: [
    oneOff(0, 'x'),
    kernel('pad: by zeros', ({ node, operands: [x], results: [y] }) => {
      if (node.attrs.value === 0) return 'it is padded by zeros';
      return x?.data.length === y?.data.length ? 'nothing is padded' : undefined;
    }),
  ],
  randomUniform: [kernel('randomUniform: another stream')],
  reduceMax: [minimum],
  reduceSum: [leftOutOfSum, inFormat('bf16')],
  reshape: [otherOrder, oneOff(0, 'x')],
  select: [
    exchanged(1, 2),
    oneOff(0, 'condition', ({ operands: [, x, y] }) => (x && sameData(x, y) ? 'x is y' : undefined)),
  ],
  slice: [shiftedBlock],
  stopGradient: [oneOff(0, 'x')],
  transpose: [
    kernel('transpose: the inverse permutation', ({ node, operands: [x] }) => {
      const { permutation } = node.attrs;
      // Axes of size 1 may stand anywhere.
      const moved = permutation.filter((axis) => (x?.shape[axis] ?? 1) > 1);
      const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
      const other = inverse.filter((axis) => (x?.shape[axis] ?? 1) > 1);
      return moved.join() === other.join() ? 'it is its own inverse' : undefined;
    }),
    oneOff(0, 'x'),
  ],
};

function withoutLast(x: Tensor, axis: number): Tensor {
  return zeroedAlong(x, axis, (x.shape[axis] ?? 1) - 1);
}

/** The numbers as they lie when the first axis is the innermost. */
function columnMajor(x: Tensor): Tensor {
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(0, axis)));
  return valued(x, (i) => {
    let rest = i;
    let from = 0;
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      const dim = x.shape[axis] ?? 1;
      from += (rest % dim) * (strides[axis] ?? 1);
      rest = Math.floor(rest / dim);
    }
    return x.data[from] ?? NaN;
  });
}
