// sigmoidCrossEntropy with hard and soft targets, at the kink of |x|, and where e^x overflows.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { coins, flat, reals } from '../case/data.ts';

const extremes = [0.3, -1.7, 20, -20, 90, -90, 800, -800];

export const cases: readonly Case[] = casesFor('sigmoidCrossEntropy', ({ bounded }) => [
  bounded('hard-targets', {
    logits: reals('logits', [3, 5, 7], -6, 6),
    target: float32([3, 5, 7], Float32Array.from(coins('target', [3, 5, 7]).data)),
  }),
  bounded('soft-targets', { logits: reals('logits', [4, 9], -4, 4), target: reals('target', [4, 9], 0, 1) }),
  bounded('scalar', { logits: reals('logits', [], 1, 2), target: reals('target', [], 0, 1) }),
  // e^90 overflows in float32, e^800 in float64. Each logit meets a target of 0, of 1 and in between.
  bounded('saturated', {
    logits: float32([3, 8], [...extremes, ...extremes, ...extremes]),
    target: float32([3, 8], [...flat([8], 0).data, ...flat([8], 1).data, ...reals('target', [8], 0, 1).data]),
  }),
  // The kinks of max(x, 0) and |x| cancel: the gradient is 1/2 - t.
  bounded('at-0', { logits: flat([7], 0), target: reals('target', [7], 0, 1) }),
  bounded('of-itself', { x: reals('x', [9], 0, 1) }, (op, { x }) => op.sigmoidCrossEntropy(x, x)),
]);
