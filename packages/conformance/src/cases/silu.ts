// silu, also where e^x overflows.
import { float32 } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { kernel, oneOff } from '../faults/planted/fault.ts';
import { withinRange } from '../faults/planted/functions.ts';
import type { Formula } from '../formula.ts';
import { pointwise } from '../formula.ts';

export const cases: readonly Case[] = [
  bounded('silu/around-0', { x: reals('x', [3, 5, 7], -6, 6) }, (op, { x }) => op.silu(x)),
  bounded(
    'silu/saturated',
    { x: float32([11], [0.3, -1.7, 1, 20, -20, 60, -60, 90, -90, 800, -800]) },
    (op, { x }) => op.silu(x),
  ),
  bounded('silu/scalar', { x: reals('x', []) }, (op, { x }) => op.silu(x)),
];

export const formula: Formula<'silu'> = pointwise((x) => x / (1 + Math.exp(-x)));

export const faults: readonly Fault<'silu'>[] = [
  oneOff(0, 'x'),
  kernel('silu: the gate without x'),
  kernel('silu: a quotient of exponentials', withinRange),
];
