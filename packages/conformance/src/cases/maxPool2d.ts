// maxPool2d and, backward, maxPool2dGrad on what it pooled.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { gridOfMaxPools } from './grid.ts';
import { poolings } from './poolings.ts';

export const cases: readonly Case[] = [
  ...poolings.map(({ name, x, attrs, tied }) =>
    exact(`maxPool2d/${name}`, { x }, (op, values) => op.maxPool2d(values.x, attrs), { kinked: tied }),
  ),
  ...gridOfMaxPools,
];
