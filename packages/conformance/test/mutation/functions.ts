// Faults that several functions of numbers share: updates, exponentials, softmaxes, normalizations.
import type { Fault, Work } from './fault.ts';
import { kernel } from './fault.ts';
import { areFarFrom0, isZero } from './tensors.ts';

/** Weights shrink by nothing. */
export const undecayed: Fault<'adamUpdate' | 'sgdMomentumUpdate' | 'sgdUpdate'> = {
  name: 'no weight decay',
  plant: ({ node }) =>
    node.attrs.weightDecay === 0 ? 'there is no weight decay' : { attrs: { ...node.attrs, weightDecay: 0 } },
};

/** What was taken off before the exponentials is not added again. */
export const maximumLost: Fault<'logSoftmax' | 'softmaxCrossEntropy'> = {
  name: 'the maximum is not taken off again',
  plant: ({ node }) => ({
    emit: (b, inputs) => {
      const [x] = inputs;
      const axis = node.op === 'logSoftmax' ? node.attrs.axis : 1;
      const maximum = b.op.broadcast(b.op.reduceMax(x, { axes: [axis] }), { shape: x.shape });
      if (inputs.length === 1) return [b.op.add(b.op.logSoftmax(x, { axis }), maximum)];
      const [, target] = inputs;
      const lost = b.op.reduceSum(b.op.mul(target, maximum), { axes: [1] });
      const loss = b.op.softmaxCrossEntropy(x, target);
      return [b.op.sub(loss, b.op.reshape(lost, { shape: loss.shape }))];
    },
  }),
  unseen: ({ operands: [x] }) => (isZero(x) ? 'every maximum is 0' : undefined),
};

/** For `unseen`: exponentials beyond float64's range, which are beyond float32's anyway. */
export function withinRange({ operands: [x] }: Work<'silu' | 'softmax' | 'tanh'>): string | undefined {
  return x.data.every((value) => Math.abs(value) < 700) ? 'no exponential overflows' : undefined;
}

/** In float32, which shows only in numbers that are far from 0. */
export function bySquares<K extends 'batchNorm' | 'groupNorm' | 'layerNorm'>(op: K): Fault<K> {
  const squares = kernel<K>(`${op}: variance as the mean of the squares less the square of the mean`);
  return {
    ...squares,
    plant: (work) => (areFarFrom0(work.operands[0]) ? squares.plant(work) : 'the numbers are not far from 0'),
  };
}
