// globalAvgPool2d on odd sizes and on single pixels.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('globalAvgPool2d', ({ bounded }) => [
  bounded('odd-size', { x: integers('x', [2, 3, 5, 7]) }),
  bounded('2x2', { x: reals('x', [2, 3, 2, 2]) }),
  bounded('one-pixel', { x: reals('x', [3, 4, 1, 1]) }),
  bounded('one-image-one-channel', { x: reals('x', [1, 1, 3, 4], 0.25, 2) }),
]);
