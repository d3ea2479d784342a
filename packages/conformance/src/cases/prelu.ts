// prelu on images, rows and sequences, with slopes of every kind.
import { float32 } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded, exact } from '../case.ts';
import { integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { oneOff } from '../faults/planted/fault.ts';
import type { Formula } from '../formula.ts';
import { pointwise } from '../formula.ts';

export const cases: readonly Case[] = [
  exact(
    'prelu/images',
    { x: integers('x', [2, 3, 4, 5]), slope: float32([3], [0.25, -0.5, 2]) },
    (op, { x, slope }) => op.prelu(x, slope),
    { kinked: true },
  ),
  exact(
    'prelu/rows',
    { x: integers('x', [4, 7]), slope: integers('slope', [7]) },
    (op, { x, slope }) => op.prelu(x, slope),
    { kinked: true },
  ),
  exact(
    'prelu/sequences',
    { x: integers('x', [2, 3, 5]), slope: integers('slope', [3]) },
    (op, { x, slope }) => op.prelu(x, slope),
    { kinked: true },
  ),
  bounded(
    'prelu/reals',
    { x: reals('x', [2, 3, 4, 5]), slope: reals('slope', [3], 0, 1) },
    (op, { x, slope }) => op.prelu(x, slope),
  ),
  bounded('prelu/one-channel', { x: reals('x', [5, 1, 3]), slope: reals('slope', [1]) }, (op, { x, slope }) =>
    op.prelu(x, slope),
  ),
];

export const formula: Formula<'prelu'> = pointwise((x, slope) => (x > 0 ? x : slope * x));

export const faults: readonly Fault<'prelu'>[] = [oneOff(0, 'x'), oneOff(1, 'slope')];
