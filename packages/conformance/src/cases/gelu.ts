// gelu, by erf and by tanh: around 0, where both bend, and in tails where a power of x overflows or a bell vanishes.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

// The values near 0 show lost bits, which the bounds of the large ones hide; near 2.2 the two formulas differ most.
const far = [0.3, -1.7, 2.2, 6, -6, 20, -20, 90, -90, 800, -800];

export const cases: readonly Case[] = [false, true].flatMap((approximate) => {
  const name = `gelu/${approximate ? 'tanh' : 'erf'}`;
  return [
    bounded(`${name}-around-0`, { x: reals('x', [3, 5, 7], -4, 4) }, (op, { x }) =>
      op.gelu(x, { approximate }),
    ),
    bounded(`${name}-saturated`, { x: float32([11], far) }, (op, { x }) => op.gelu(x, { approximate })),
    bounded(`${name}-scalar`, { x: float32([], [2.2]) }, (op, { x }) => op.gelu(x, { approximate })),
  ];
});
