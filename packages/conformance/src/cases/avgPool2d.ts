// avgPool2d, with padding that counts as zeros and padding that does not, and backward avgPool2dGrad.
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { inFormat } from '../faults/planted/fault.ts';
import { allRowsInEveryWindow, countedOtherwise, shiftedRow } from '../faults/planted/windows.ts';
import { gridOfAveragePools } from './grid.ts';
import { averagings } from './poolings.ts';

export const cases: readonly Case[] = [
  ...averagings.map(({ name, x, attrs }) =>
    bounded(`avgPool2d/${name}`, { x }, (op, values) => op.avgPool2d(values.x, attrs)),
  ),
  ...gridOfAveragePools,
];

export const faults: readonly Fault<'avgPool2d'>[] = [
  countedOtherwise,
  shiftedRow(0, allRowsInEveryWindow),
  inFormat('bf16'),
];
