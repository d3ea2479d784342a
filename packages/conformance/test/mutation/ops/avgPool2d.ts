import type { Fault } from '../fault.ts';
import { inFormat } from '../fault.ts';
import { allRowsInEveryWindow, countedOtherwise, shiftedRow } from '../windows.ts';

export const faults: readonly Fault<'avgPool2d'>[] = [
  countedOtherwise,
  shiftedRow(0, allRowsInEveryWindow),
  inFormat('bf16'),
];
