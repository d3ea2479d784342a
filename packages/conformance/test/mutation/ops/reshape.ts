import type { Tensor } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { Fault } from '../fault.ts';
import { oneOff, sameTensors, withOperand } from '../fault.ts';
import { moved } from '../tensors.ts';

const otherOrder: Fault<'reshape'> = {
  name: 'column-major order',
  plant: ({ operands }) => {
    const turned = withOperand(operands, 0, columnMajor);
    return sameTensors(operands, turned) ? 'both orders are one' : { operands: turned };
  },
};

/** The numbers as they lie when the first axis is the innermost. */
function columnMajor(x: Tensor): Tensor {
  const axes = x.shape.map((dim, axis) => ({
    dim,
    across: sizeOf(x.shape.slice(axis + 1)),
    down: sizeOf(x.shape.slice(0, axis)),
  }));
  return moved(x, (i) =>
    axes.reduce((from, { dim, across, down }) => from + (Math.floor(i / across) % dim) * down, 0),
  );
}

export const faults: readonly Fault<'reshape'>[] = [otherOrder, oneOff(0, 'x')];
