// isFinite, on every kind of value: a compiler that assumes the absence of NaN must not fold the op away.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';

const values = [0, 1, NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-38, -0];

export const cases: readonly Case[] = casesFor('isFinite', ({ exact }) => [
  exact('every-kind', { x: float32([3, 3], values) }),
  exact('scalar-nan', { x: float32([], [NaN]) }),
  exact('scalar-number', { x: float32([], [5]) }),
]);
