// globalAvgPool2d, on odd sizes and on single pixels.
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  bounded('globalAvgPool2d/odd-size', { x: integers('x', [2, 3, 5, 7]) }, (op, { x }) =>
    op.globalAvgPool2d(x),
  ),
  bounded('globalAvgPool2d/2x2', { x: reals('x', [2, 3, 2, 2]) }, (op, { x }) => op.globalAvgPool2d(x)),
  bounded('globalAvgPool2d/one-pixel', { x: reals('x', [3, 4, 1, 1]) }, (op, { x }) => op.globalAvgPool2d(x)),
  bounded('globalAvgPool2d/one-image-one-channel', { x: reals('x', [1, 1, 3, 4], 0.25, 2) }, (op, { x }) =>
    op.globalAvgPool2d(x),
  ),
];
