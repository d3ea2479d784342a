// avgPool2d, with padding that counts as zeros and padding that does not, and backward avgPool2dGrad.
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { gridOfAveragePools } from './grid.ts';
import { averagings } from './poolings.ts';

export const cases: readonly Case[] = [
  ...averagings.map(({ name, x, attrs }) =>
    bounded(`avgPool2d/${name}`, { x }, (op, values) => op.avgPool2d(values.x, attrs)),
  ),
  ...gridOfAveragePools,
];
