import type { Fault } from '../fault.ts';
import { exchanged, oneOff } from '../fault.ts';
import { sameData } from '../tensors.ts';

export const faults: readonly Fault<'select'>[] = [
  exchanged(1, 2),
  oneOff(0, 'condition', ({ operands: [, x, y] }) => (sameData(x, y) ? 'x is y' : undefined)),
];
