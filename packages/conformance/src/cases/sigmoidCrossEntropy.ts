// sigmoidCrossEntropy with hard and soft targets, at the kink of |x|, and where e^x overflows.
import { float32 } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { coins, flat, reals } from '../data.ts';
import type { Fault, Work } from '../faults/planted/fault.ts';
import { exchanged, oneOff, operand } from '../faults/planted/fault.ts';
import { isZero, valued } from '../faults/planted/tensors.ts';
import type { Formula } from '../formula.ts';
import { pointwise } from '../formula.ts';

const extremes = [0.3, -1.7, 20, -20, 90, -90, 800, -800];

export const cases: readonly Case[] = [
  bounded(
    'sigmoidCrossEntropy/hard-targets',
    {
      logits: reals('logits', [3, 5, 7], -6, 6),
      target: float32([3, 5, 7], Float32Array.from(coins('target', [3, 5, 7]).data)),
    },
    (op, { logits, target }) => op.sigmoidCrossEntropy(logits, target),
  ),
  bounded(
    'sigmoidCrossEntropy/soft-targets',
    { logits: reals('logits', [4, 9], -4, 4), target: reals('target', [4, 9], 0, 1) },
    (op, { logits, target }) => op.sigmoidCrossEntropy(logits, target),
  ),
  bounded(
    'sigmoidCrossEntropy/scalar',
    { logits: reals('logits', [], 1, 2), target: reals('target', [], 0, 1) },
    (op, { logits, target }) => op.sigmoidCrossEntropy(logits, target),
  ),
  // e^90 overflows in float32, e^800 in float64. Each logit with a target of 0, of 1 and between.
  bounded(
    'sigmoidCrossEntropy/saturated',
    {
      logits: float32([3, 8], [...extremes, ...extremes, ...extremes]),
      target: float32(
        [3, 8],
        [...flat([8], 0).data, ...flat([8], 1).data, ...reals('target', [8], 0, 1).data],
      ),
    },
    (op, { logits, target }) => op.sigmoidCrossEntropy(logits, target),
  ),
  // The kinks of max(x, 0) and |x| cancel: the gradient is 1/2 - t.
  bounded(
    'sigmoidCrossEntropy/at-0',
    { logits: flat([7], 0), target: reals('target', [7], 0, 1) },
    (op, { logits, target }) => op.sigmoidCrossEntropy(logits, target),
  ),
  bounded('sigmoidCrossEntropy/of-itself', { x: reals('x', [9], 0, 1) }, (op, { x }) =>
    op.sigmoidCrossEntropy(x, x),
  ),
];

export const formula: Formula<'sigmoidCrossEntropy'> = pointwise(
  (x, target) => Math.max(x, 0) - x * target + Math.log1p(Math.exp(-Math.abs(x))),
);

function unweighted({ operands: [logits] }: Work<'sigmoidCrossEntropy'>): string | undefined {
  return isZero(logits) ? 'every logit is 0' : undefined;
}

/** Overflows for large logits. */
const overflowing: Fault<'sigmoidCrossEntropy'> = {
  name: 'log(1 + e^x)',
  plant: () => ({
    emit: (b, [x, target]) => [
      b.op.sub(b.op.log(b.op.add(b.op.exp(x), b.fill(1, x.shape))), b.op.mul(x, target)),
    ],
  }),
  unseen: ({ operands: [{ data }] }) =>
    data.every((value) => value < 700) ? 'no exponential overflows' : undefined,
};

const withoutLog: Fault<'sigmoidCrossEntropy'> = {
  name: 'log(1 + e^-|x|) is left out',
  plant: () => ({
    emit: (b, [x, target]) => [b.op.sub(b.op.max(x, b.fill(0, x.shape)), b.op.mul(x, target))],
  }),
};

const negativeCounted: Fault<'sigmoidCrossEntropy'> = {
  name: 'x for max(x, 0)',
  plant: ({ operands: [{ data }] }) =>
    data.every((value) => value >= 0)
      ? 'no logit is below 0'
      : {
          emit: (b, [x, target]) => {
            const zeros = b.fill(0, x.shape);
            return [b.op.add(b.op.sigmoidCrossEntropy(x, target), b.op.min(x, zeros))];
          },
        },
};

export const faults: readonly Fault<'sigmoidCrossEntropy'>[] = [
  oneOff(0, 'logits'),
  oneOff(1, 'target', unweighted),
  operand(1, 'the target is forgotten', (x) => valued(x, () => 0), 'the target is 0', unweighted),
  exchanged(0, 1),
  overflowing,
  withoutLog,
  negativeCounted,
];
