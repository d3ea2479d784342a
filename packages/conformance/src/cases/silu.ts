// silu, including where e^x overflows.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('silu', ({ bounded }) => [
  bounded('around-0', { x: reals('x', [3, 5, 7], -6, 6) }),
  bounded('saturated', { x: float32([11], [0.3, -1.7, 1, 20, -20, 60, -60, 90, -90, 800, -800]) }),
  bounded('scalar', { x: reals('x', []) }),
]);
