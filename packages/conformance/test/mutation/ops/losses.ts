// Mutants of softmax and the losses over it.
import type { OpName } from '@isonet/core';
import { compute } from '../evaluate.ts';
import type { Mutant, Mutants, Work } from '../mutant.ts';
import { ignored, mutant, oneOff, oneResult, swapped } from '../mutant.ts';
import { isZero, valued } from '../tensors.ts';
import { withinRange } from './activations.ts';

/** Computes infinity / infinity for large x. */
const overflowingSoftmax: Mutant<'softmax'> = mutant(
  'the maximum is not subtracted',
  ({ node: { attrs }, operands }) =>
    compute(operands, (b, [x]) => {
      const exps = b.op.exp(x);
      const sum = b.op.reduceSum(exps, { axes: [attrs.axis] });
      return [b.op.div(exps, b.op.broadcast(sum, { shape: x.shape }))];
    }),
  withinRange,
);

/** Computes log(0) where a probability underflows. */
const logOfSoftmax: Mutant<'logSoftmax'> = mutant(
  'the logarithm of softmax',
  ({ node: { attrs }, operands }) => compute(operands, (b, [x]) => [b.op.log(b.op.softmax(x, attrs))]),
  ({ right }) => (right()[0].data.every((value) => value > -700) ? 'no probability underflows' : undefined),
);

/** x - log(sum e^(x - max)): the maximum that is subtracted inside the logarithm is never added back. */
const maximumLost: Mutant<'logSoftmax' | 'softmaxCrossEntropy'> = mutant(
  'the maximum is not added back',
  ({ node, operands }) => {
    const axis = node.op === 'logSoftmax' ? node.attrs.axis : 1;
    return compute(operands, (b, [x, target]) => {
      const maximum = b.op.broadcast(b.op.reduceMax(x, { axes: [axis] }), { shape: x.shape });
      if (!target) return [b.op.add(b.op.logSoftmax(x, { axis }), maximum)];
      const lost = b.op.reduceSum(b.op.mul(target, maximum), { axes: [1] });
      const loss = b.op.softmaxCrossEntropy(x, target);
      return [b.op.sub(loss, b.op.reshape(lost, { shape: loss.shape }))];
    });
  },
  ({ operands: [x] }) => (isZero(x) ? 'every maximum is 0' : undefined),
);

/** For `equivalent`: with logits of 0, the target does not matter. */
function zeroLogits({ operands: [logits] }: Work<'sigmoidCrossEntropy'>): string | undefined {
  return isZero(logits) ? 'every logit is 0' : undefined;
}

/** Overflows for large logits. */
const overflowingEntropy: Mutant<'sigmoidCrossEntropy'> = mutant(
  'log(1 + e^x)',
  ({ operands: [logits, target] }) => [
    valued(logits, (x, i) => Math.log(Math.exp(x) + 1) - x * (target.data[i] ?? NaN)),
  ],
  ({ operands: [{ data }] }) => (data.every((value) => value < 700) ? 'no exponential overflows' : undefined),
);

const withoutLogarithm: Mutant<'sigmoidCrossEntropy'> = mutant(
  'without log(1 + e^-|x|)',
  ({ operands: [logits, target] }) => [
    valued(logits, (x, i) => Math.max(x, 0) - x * (target.data[i] ?? NaN)),
  ],
);

const unclampedLogit: Mutant<'sigmoidCrossEntropy'> = mutant(
  'x instead of max(x, 0)',
  ({ operands: [logits], right }) =>
    logits.data.every((value) => value >= 0)
      ? 'no logit is below 0'
      : right().map((y) => valued(y, (loss, i) => loss + Math.min(0, logits.data[i] ?? NaN))),
);

export const losses = {
  logSoftmax: [oneOff(0, 'x', oneResult), maximumLost, logOfSoftmax],
  sigmoidCrossEntropy: [
    oneOff(0, 'logits'),
    oneOff(1, 'target', zeroLogits),
    ignored(1, 'target', zeroLogits),
    swapped(0, 1),
    overflowingEntropy,
    withoutLogarithm,
    unclampedLogit,
  ],
  softmax: [oneOff(0, 'x', oneResult), overflowingSoftmax],
  softmaxCrossEntropy: [oneOff(0, 'logits', oneResult), oneOff(1, 'target'), maximumLost],
} satisfies Partial<Mutants<OpName>>;
