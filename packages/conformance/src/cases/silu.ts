// silu, also where e^x overflows.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  bounded('silu/around-0', { x: reals('x', [3, 5, 7], -6, 6) }, (op, { x }) => op.silu(x)),
  bounded(
    'silu/saturated',
    { x: float32([11], [0.3, -1.7, 1, 20, -20, 60, -60, 90, -90, 800, -800]) },
    (op, { x }) => op.silu(x),
  ),
  bounded('silu/scalar', { x: reals('x', []) }, (op, { x }) => op.silu(x)),
];
