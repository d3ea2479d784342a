// Faults of arithmetic, activations, normalizations and updates.
import type { NodeOf, Tensor } from '@isonet/core';
import type { Fault, FaultsOf, Work } from './fault.ts';
import { exchanged, forgotten, inFormat, kernel, oneOff, oneResult, withOperand } from './fault.ts';
import { areFarFrom0, isZero, valued, zeroedAlong } from './tensors.ts';

type FunctionOp =
  | 'adamUpdate'
  | 'add'
  | 'batchNorm'
  | 'batchNormInference'
  | 'biasAdd'
  | 'clip'
  | 'dense'
  | 'div'
  | 'dropout'
  | 'erf'
  | 'exp'
  | 'globalNorm'
  | 'hardSigmoid'
  | 'leakyRelu'
  | 'log'
  | 'logSoftmax'
  | 'lrn'
  | 'max'
  | 'min'
  | 'mul'
  | 'prelu'
  | 'relu'
  | 'sgdMomentumUpdate'
  | 'sgdUpdate'
  | 'sigmoid'
  | 'softmax'
  | 'softmaxCrossEntropy'
  | 'sqrt'
  | 'sub'
  | 'tanh';

/** Weights shrink by nothing. */
const undecayed: Fault<NodeOf<'adamUpdate' | 'sgdMomentumUpdate' | 'sgdUpdate'>> = {
  name: 'no weight decay',
  plant: ({ node }) =>
    node.attrs.weightDecay === 0 ? 'there is no weight decay' : { attrs: { ...node.attrs, weightDecay: 0 } },
};

const squares = kernel('batchNorm: variance as the mean of the squares less the square of the mean');

/** In float32, which shows only in numbers that are far from 0. */
const bySquares: Fault<NodeOf<'batchNorm'>> = {
  ...squares,
  plant: (work) => {
    const [x] = work.operands;
    return x && areFarFrom0(x) ? squares.plant(work) : 'the numbers are not far from 0';
  },
};

/** The last number of the last tensor is not counted. */
const leftOutOfNorm: Fault<NodeOf<'globalNorm'>> = {
  name: 'a dropped term',
  plant: ({ operands }) => {
    const drop = (x: Tensor): Tensor => valued(x, (i) => (i === x.data.length - 1 ? 0 : (x.data[i] ?? NaN)));
    return { operands: withOperand(operands, operands.length - 1, drop) };
  },
  unseen: ({ results: [y] }) => (y && isZero(y) ? 'every term is 0' : undefined),
};

/** As `sqrt: by its inverse`: NaN where the sum is 0. */
const inverseRoot: Fault<NodeOf<'globalNorm'>> = {
  name: 'the root by its inverse',
  plant: ({ results: [y] }) => {
    if (!y || !isZero(y)) return 'the norm is not 0';
    return { results: [valued(y, () => NaN)] };
  },
};

/** What was taken off before the exponentials is not added again. */
const maximumLost: Fault<NodeOf<'logSoftmax' | 'softmaxCrossEntropy'>> = {
  name: 'the maximum is not taken off again',
  plant: ({ node }) => ({
    emit: (b, [x, target]) => {
      if (!x) return [];
      const axis = node.op === 'logSoftmax' ? node.attrs.axis : 1;
      const maximum = b.op.broadcast(b.op.reduceMax(x, { axes: [axis] }), { shape: x.shape });
      if (node.op === 'logSoftmax') return [b.op.add(b.op.logSoftmax(x, { axis }), maximum)];
      if (!target) return [];
      const lost = b.op.reduceSum(b.op.mul(target, maximum), { axes: [1] });
      const loss = b.op.softmaxCrossEntropy(x, target);
      return [b.op.sub(loss, b.op.reshape(lost, { shape: loss.shape }))];
    },
  }),
  unseen: ({ operands: [x] }) => (x && isZero(x) ? 'every maximum is 0' : undefined),
};

const leftOutOfProduct: Fault<NodeOf<'dense'>> = {
  name: 'a dropped term',
  plant: ({ operands }) => ({
    operands: withOperand(operands, 0, (x) => zeroedAlong(x, 1, (x.shape[1] ?? 1) - 1)),
  }),
};

/** Exponentials beyond float64's range, which are beyond float32's anyway. */
function withinRange({ operands: [x] }: Work): string | undefined {
  return x?.data.every((value) => Math.abs(value) < 700) ? 'no exponential overflows' : undefined;
}

/** Corrections scale the gradient's running means alone. */
function withoutGradient({ operands: [, gradient, mean] }: Work): string | undefined {
  return [gradient, mean].every((x) => x && isZero(x)) ? 'there is no gradient' : undefined;
}

export const functionFaults: Pick<FaultsOf, FunctionOp> = {
  adamUpdate: [
    oneOff(0, 'weight'),
    oneOff(1, 'gradient'),
    oneOff(2, 'mean'),
    oneOff(3, 'square'),
    { ...exchanged(5, 6), unseen: withoutGradient },
    undecayed,
  ],
  add: [oneOff(1, 'y')],
  batchNorm: [
    oneOff(0, 'x'),
    oneOff(1, 'scale'),
    forgotten(2, 'bias'),
    kernel('batchNorm: unbiased variance'),
    bySquares,
  ],
  batchNormInference: [
    oneOff(0, 'x'),
    oneOff(1, 'scale'),
    forgotten(2, 'bias'),
    oneOff(3, 'mean'),
    oneOff(4, 'variance'),
  ],
  biasAdd: [oneOff(0, 'x'), oneOff(1, 'bias'), forgotten(1, 'bias')],
  clip: [oneOff(0, 'x', oneResult)],
  dense: [leftOutOfProduct, oneOff(1, 'w'), forgotten(2, 'bias'), inFormat('TF32'), inFormat('bf16')],
  div: [oneOff(1, 'y'), exchanged(0, 1)],
  dropout: [
    oneOff(0, 'x'),
    oneOff<NodeOf<'dropout'>>(1, 'uniform', ({ node }) =>
      node.attrs.rate === 0 ? 'nothing is dropped' : undefined,
    ),
  ],
  erf: [oneOff(0, 'x')],
  exp: [oneOff(0, 'x')],
  globalNorm: [leftOutOfNorm, inverseRoot],
  hardSigmoid: [oneOff(0, 'x')],
  leakyRelu: [oneOff(0, 'x')],
  log: [oneOff(0, 'x')],
  logSoftmax: [oneOff(0, 'x', oneResult), maximumLost],
  lrn: [oneOff(0, 'x')],
  max: [oneOff(1, 'y')],
  min: [oneOff(1, 'y')],
  mul: [oneOff(1, 'y')],
  prelu: [oneOff(0, 'x'), oneOff(1, 'slope')],
  relu: [oneOff(0, 'x')],
  sgdMomentumUpdate: [oneOff(0, 'weight'), oneOff(1, 'gradient'), oneOff(2, 'velocity'), undecayed],
  sgdUpdate: [oneOff(0, 'weight'), oneOff(1, 'gradient'), undecayed],
  sigmoid: [oneOff(0, 'x')],
  softmax: [oneOff(0, 'x', oneResult), kernel('softmax: the maximum is not taken off', withinRange)],
  softmaxCrossEntropy: [oneOff(0, 'logits', oneResult), oneOff(1, 'target'), maximumLost],
  sqrt: [
    oneOff(0, 'x'),
    kernel('sqrt: by its inverse', ({ operands: [x] }) =>
      x?.data.some((value) => value === 0) ? undefined : 'there is no 0',
    ),
  ],
  sub: [oneOff(1, 'y'), exchanged(0, 1)],
  tanh: [oneOff(0, 'x'), kernel('tanh: a quotient of exponentials', withinRange)],
};
