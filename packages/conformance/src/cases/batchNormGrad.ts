// batchNormGrad on its own, with a gradient that comes from elsewhere, and its own gradients.
import type { Shape, Tensor } from '@isonet/core';
import { defined, dimOf, float32 } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { numberAt } from '../compare.ts';
import { reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { kernel, oneOff } from '../faults/planted/fault.ts';
import { isZero } from '../faults/planted/tensors.ts';
import type { Formula, Numbers } from '../formula.ts';
import { average, indexAlong, sum } from '../formula.ts';

/** The numbers of each channel, in order. */
function channelsOf({ shape, data }: Numbers): readonly (readonly number[])[] {
  const channels = Array.from({ length: dimOf(shape, 1) }, (_, c) => c);
  return channels.map((c) => data.filter((_, i) => indexAlong(shape, 1, i) === c));
}

type InputName = 'x' | 'scale' | 'mean' | 'variance' | 'dy';

/** x with its statistics, a scale and a gradient. */
function feedsOf(x: Tensor, low = 0.5, high = 2): Record<InputName, Tensor> {
  const numbers = channelsOf({ shape: x.shape, data: Array.from<number>(x.data) });
  const means = numbers.map(average);
  const variances = numbers.map((each, c) => average(each.map((value) => (value - numberAt(means, c)) ** 2)));
  const channels = [numbers.length];
  return {
    x,
    scale: reals('scale', channels, low, high),
    mean: float32(channels, means),
    variance: float32(channels, variances),
    dy: reals('dy', x.shape),
  };
}

function on(name: string, x: Tensor, epsilon: number, low?: number, high?: number): Case {
  return bounded(
    `batchNormGrad/${name}`,
    feedsOf(x, low, high),
    (op, { x: from, scale, mean, variance, dy }) =>
      op.batchNormGrad(from, scale, mean, variance, dy, { epsilon }),
  );
}

const images: Shape = [3, 4, 2, 2];

export const cases: readonly Case[] = [
  on('images', reals('x', [2, 3, 2, 3]), 1e-5),
  on('rows', reals('x', [9, 5]), 1e-5),
  on('sequences', reals('x', [2, 3, 5]), 1e-3),
  on('one-channel', reals('x', [2, 1, 2, 3]), 1e-3),
  on('one-pixel', reals('x', [6, 4, 1, 1]), 1e-3),
  on('negative-scale', reals('x', images), 1e-5, -2, -0.5),
  bounded(
    'batchNormGrad/only-dx',
    feedsOf(reals('x', images, -4, 4)),
    (op, { x, scale, mean, variance, dy }) =>
      op.batchNormGrad(x, scale, mean, variance, dy, { epsilon: 1e-5 }).slice(0, 1),
  ),
  // As in a training step: the statistics come from batchNorm, whose roundings count in the bound.
  bounded(
    'batchNormGrad/far-from-0',
    {
      x: reals('x', [4, 3, 1, 2], 300, 301),
      scale: reals('scale', [3], 0.5, 2),
      bias: reals('bias', [3]),
      dy: reals('dy', [4, 3, 1, 2]),
    },
    (op, { x, scale, bias, dy }) => {
      const [, mean, variance] = op.batchNorm(x, scale, bias, { epsilon: 1e-5 });
      return op.batchNormGrad(x, scale, mean, variance, dy, { epsilon: 1e-5 });
    },
  ),
];

// Ioffe and Szegedy 2015, section 3, with the gradients of the mean and the variance put in.
export const formula: Formula<'batchNormGrad'> = ([x, scale, mean, variance, dy], { epsilon }) => {
  const gradients = channelsOf(dy);
  const spreads = variance.data.map((each) => Math.sqrt(each + epsilon));
  const scores = channelsOf(x).map((numbers, c) =>
    numbers.map((value) => (value - numberAt(mean.data, c)) / numberAt(spreads, c)),
  );
  const products = gradients.map((dys, c) => {
    const own = defined(scores[c], `the scores of channel ${c}`);
    return dys.map((each, i) => each * numberAt(own, i));
  });
  const [means, meanProducts] = [gradients.map(average), products.map(average)];
  const dx = x.data.map((value, i) => {
    const c = indexAlong(x.shape, 1, i);
    const score = (value - numberAt(mean.data, c)) / numberAt(spreads, c);
    const centred = numberAt(dy.data, i) - numberAt(means, c) - score * numberAt(meanProducts, c);
    return (numberAt(scale.data, c) / numberAt(spreads, c)) * centred;
  });
  return [dx, products.map(sum), gradients.map(sum)];
};

/** batchNorm's gradient goes through this op even where its statistics alone are read. */
function whereOneArrives(fault: Fault<'batchNormGrad'>): Fault<'batchNormGrad'> {
  const plant: Fault<'batchNormGrad'>['plant'] = (work) =>
    isZero(work.operands[4]) ? 'no gradient arrives' : fault.plant(work);
  return { ...fault, plant };
}

export const faults: readonly Fault<'batchNormGrad'>[] = [
  oneOff<'batchNormGrad'>(0, 'x'),
  oneOff<'batchNormGrad'>(1, 'scale'),
  oneOff<'batchNormGrad'>(2, 'mean'),
  oneOff<'batchNormGrad'>(3, 'variance'),
  oneOff<'batchNormGrad'>(4, 'dy'),
  kernel<'batchNormGrad'>('batchNormGrad: the mean and the variance taken for constants'),
].map(whereOneArrives);
