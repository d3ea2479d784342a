import { defined, dimOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { kernel, oneOff } from '../fault.ts';
import { isZero } from '../tensors.ts';
import type { Formula, Numbers } from '../../formulas/formula.ts';
import { average, indexAlong, sum } from '../../formulas/formula.ts';

/** The values of each channel, in order. */
function channelsOf({ shape, data }: Numbers): readonly (readonly number[])[] {
  const channels = Array.from({ length: dimOf(shape, 1) }, (_, c) => c);
  return channels.map((c) => data.filter((_, i) => indexAlong(shape, 1, i) === c));
}

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
