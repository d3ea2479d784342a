import { int32 } from '@isonet/core';
import type { Fault } from '../fault.ts';
import { kernel, oneOff, oneResult } from '../fault.ts';
import { cut } from '../../../src/cases/cast.ts';

export const faults: readonly Fault<'cast'>[] = [
  oneOff(0, 'x', oneResult),
  kernel('cast: to the nearest', ({ node, operands: [x] }) => {
    if (node.attrs.to !== 'int32' || x.dtype !== 'float64') return 'nothing is cut';
    return x.data.every(Number.isInteger) ? 'all numbers are whole' : undefined;
  }),
];
