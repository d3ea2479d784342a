import type { Fault } from '../fault.ts';
import { isOneNumber } from '../tensors.ts';

const minimum: Fault<'reduceMax'> = {
  name: 'the minimum',
  plant: ({ node }) => ({
    emit: (b, [x]) => {
      const negative = b.op.reduceMax(b.op.mul(x, b.fill(-1, x.shape)), node.attrs);
      return [b.op.mul(negative, b.fill(-1, negative.shape))];
    },
  }),
  unseen: ({ operands: [x], results: [y] }) =>
    x.data.length === y.data.length || isOneNumber(x) ? 'there is nothing to choose from' : undefined,
};

export const faults: readonly Fault<'reduceMax'>[] = [minimum];
