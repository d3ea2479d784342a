import { defined, sameType } from '@isonet/core';
import type { Fault } from '../fault.ts';
import { sameData } from '../tensors.ts';

const lastInputFirst: Fault<'concat'> = {
  name: 'the last input first',
  plant: ({ operands }) => {
    const first = defined(operands[0], 'an input');
    if (operands.every((x) => sameType(x, first) && sameData(x, first))) return 'all inputs are alike';
    return { operands: [...operands.slice(-1), ...operands.slice(0, -1)] };
  },
};

export const faults: readonly Fault<'concat'>[] = [lastInputFirst];
