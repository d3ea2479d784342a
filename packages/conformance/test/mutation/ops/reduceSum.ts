import type { Fault } from '../fault.ts';
import { inFormat, withOperand } from '../fault.ts';
import { withoutLast } from '../tensors.ts';

const leftOut: Fault<'reduceSum'> = {
  name: 'a dropped term',
  plant: ({ node, operands }) => {
    const [axis] = node.attrs.axes;
    if (axis === undefined) return 'nothing is summed';
    return { operands: withOperand(operands, 0, (x) => withoutLast(x, axis)) };
  },
};

export const faults: readonly Fault<'reduceSum'>[] = [leftOut, inFormat('bf16')];
