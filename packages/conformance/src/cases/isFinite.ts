// isFinite, by bits: a compiler that assumes away NaN must not fold it.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';

const values = [0, 1, NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-38, -0];

export const cases: readonly Case[] = [
  exact('isFinite/every-kind', { x: float32([3, 3], values) }, (op, { x }) => op.isFinite(x)),
  exact('isFinite/scalar-nan', { x: float32([], [NaN]) }, (op, { x }) => op.isFinite(x)),
  exact('isFinite/scalar-number', { x: float32([], [5]) }, (op, { x }) => op.isFinite(x)),
];
