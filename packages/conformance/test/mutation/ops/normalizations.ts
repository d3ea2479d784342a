// Mutants of normalizations: statistics of the wrong values, or statistics that lose digits.
import type { OpName, Shape, Tensor } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { elementAt } from '../../../src/check/compare.ts';
import type { Mutant, Mutants, Work } from '../mutant.ts';
import { ignored, mutant, oneOff } from '../mutant.ts';
import { areFarFrom0, isZero, valued } from '../tensors.ts';

type Normalization = 'batchNorm' | 'groupNorm' | 'layerNorm';

/** Maps the index of a value of x to the index of its group, channel or parameter. */
type IndexAt = (i: number) => number;

type Variance = (values: readonly number[], mean: number) => number;

function channelAt(shape: Shape): IndexAt {
  const inner = sizeOf(shape.slice(2));
  return (i) => Math.floor(i / inner) % dimOf(shape, 1);
}

/** Returns the group whose statistics a value contributes to. */
function groupAt({ node, operands: [{ shape }, scale] }: Work<Normalization>): IndexAt {
  if (node.op === 'batchNorm') return channelAt(shape);
  const size = node.op === 'layerNorm' ? sizeOf(scale.shape) : sizeOf(shape.slice(1)) / node.attrs.groups;
  return (i) => Math.floor(i / size);
}

/** scale * (x - mean) / sqrt(variance + epsilon) + bias; for batchNorm, also the statistics. */
function normalized(work: Work<Normalization>, groupOf: IndexAt, variance: Variance): readonly Tensor[] {
  const [x, scale, bias] = work.operands;
  const { epsilon } = work.node.attrs;
  const groups: number[][] = [];
  x.data.forEach((value, i) => (groups[groupOf(i)] ??= []).push(value));
  const means = groups.map(average);
  const variances = groups.map((values, group) => variance(values, elementAt(means, group)));
  const parameterOf: IndexAt =
    work.node.op === 'layerNorm' ? (i) => i % scale.data.length : channelAt(x.shape);
  const y = valued(x, (value, i) => {
    const [group, parameter] = [groupOf(i), parameterOf(i)];
    const score = (value - elementAt(means, group)) / Math.sqrt(elementAt(variances, group) + epsilon);
    return elementAt(scale.data, parameter) * score + elementAt(bias.data, parameter);
  });
  if (work.node.op !== 'batchNorm') return [y];
  return [y, ...[means, variances].map((each) => valued(scale, (_, group) => elementAt(each, group)))];
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const biased: Variance = (values, mean) => average(values.map((value) => (value - mean) ** 2));

const unbiasedVariance: Mutant<Normalization> = mutant('unbiased variance', (work) =>
  normalized(
    work,
    groupAt(work),
    (values, mean) => (biased(values, mean) * values.length) / (values.length - 1),
  ),
);

/** Computed in float32, where the leading digits that both terms share cancel. */
const varianceBySquares: Mutant<Normalization> = mutant('variance as E[x^2] - E[x]^2', (work) => {
  if (!areFarFrom0(work.operands[0])) return 'the values are not far from 0';
  return normalized(work, groupAt(work), (values, mean) => {
    const squares = Math.fround(average(values.map((value) => Math.fround(value * value))));
    return Math.fround(squares - Math.fround(Math.fround(mean) ** 2));
  });
});

const oneGroup: Mutant<'groupNorm'> = mutant('all channels in one group', ({ node: { attrs }, right }) =>
  attrs.groups === 1 ? 'there is one group' : right({ attrs: { ...attrs, groups: 1 } }),
);

const interleavedGroups: Mutant<'groupNorm'> = mutant(
  'interleaved groups',
  (work) => {
    const { shape } = work.operands[0];
    const { groups } = work.node.attrs;
    const [channelOf, image] = [channelAt(shape), sizeOf(shape.slice(1))];
    return normalized(work, (i) => Math.floor(i / image) * groups + (channelOf(i) % groups), biased);
  },
  ({ node: { attrs }, operands: [x] }) =>
    attrs.groups === 1 || attrs.groups === x.shape[1] ? 'the groups are the same either way' : undefined,
);

/** Leaves out the gradients through the statistics of the batch, as batchNormInference does. */
const constantStatistics: Mutant<'batchNormGrad'> = mutant(
  'mean and variance treated as constants',
  ({ node, operands: [x, scale, , variance, dy], right }) => {
    const channelOf = channelAt(x.shape);
    const [, dScale, dBias] = right();
    const dx = valued(dy, (gradient, i) => {
      const channel = channelOf(i);
      const spread = Math.sqrt(elementAt(variance.data, channel) + node.attrs.epsilon);
      return (gradient * elementAt(scale.data, channel)) / spread;
    });
    return [dx, dScale, dBias];
  },
);

/** batchNorm's gradient goes through batchNormGrad even where only the statistics are read. */
function ifGradientArrives({ kernel, ...rest }: Mutant<'batchNormGrad'>): Mutant<'batchNormGrad'> {
  return { ...rest, kernel: (work) => (isZero(work.operands[4]) ? 'no gradient arrives' : kernel(work)) };
}

const undividedAlpha: Mutant<'lrn'> = mutant('alpha not divided by size', ({ node: { attrs }, right }) =>
  attrs.size === 1 ? 'the size is 1' : right({ attrs: { ...attrs, alpha: attrs.alpha * attrs.size } }),
);

export const normalizations = {
  batchNorm: [oneOff(0, 'x'), oneOff(1, 'scale'), ignored(2, 'bias'), unbiasedVariance, varianceBySquares],
  batchNormGrad: [
    oneOff<'batchNormGrad'>(0, 'x'),
    oneOff<'batchNormGrad'>(1, 'scale'),
    oneOff<'batchNormGrad'>(2, 'mean'),
    oneOff<'batchNormGrad'>(3, 'variance'),
    oneOff<'batchNormGrad'>(4, 'dy'),
    constantStatistics,
  ].map(ifGradientArrives),
  batchNormInference: [
    oneOff(0, 'x'),
    oneOff(1, 'scale'),
    ignored(2, 'bias'),
    oneOff(3, 'mean'),
    oneOff(4, 'variance'),
  ],
  groupNorm: [
    oneOff(0, 'x'),
    oneOff(1, 'scale'),
    ignored(2, 'bias'),
    oneGroup,
    interleavedGroups,
    unbiasedVariance,
    varianceBySquares,
  ],
  layerNorm: [oneOff(0, 'x'), oneOff(1, 'scale'), ignored(2, 'bias'), unbiasedVariance, varianceBySquares],
  lrn: [oneOff(0, 'x'), undividedAlpha],
} satisfies Partial<Mutants<OpName>>;
