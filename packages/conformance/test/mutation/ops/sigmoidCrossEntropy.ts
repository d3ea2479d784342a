import type { Fault, Work } from '../fault.ts';
import { exchanged, oneOff, operand } from '../fault.ts';
import { isZero, valued } from '../tensors.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

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
