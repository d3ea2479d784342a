import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { forgotten, kernel, oneOff } from '../fault.ts';
import { bySquares } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { average, indexAlong } from '../../formulas/formula.ts';
import { formula as normalized } from './batchNormInference.ts';

// Ioffe and Szegedy 2015, algorithm 1.
export const formula: Formula<'batchNorm'> = ([x, scale, bias], attrs) => {
  const { shape } = scale;
  const channels = scale.data.map((_, c) => x.data.filter((__, i) => indexAlong(x.shape, 1, i) === c));
  const mean = channels.map(average);
  const variance = channels.map((numbers, c) =>
    average(numbers.map((each) => (each - numberAt(mean, c)) ** 2)),
  );
  const [y] = normalized([x, scale, bias, { shape, data: mean }, { shape, data: variance }], attrs);
  return [y, mean, variance];
};

export const faults: readonly Fault<'batchNorm'>[] = [
  oneOff(0, 'x'),
  oneOff(1, 'scale'),
  forgotten(2, 'bias'),
  kernel('batchNorm: unbiased variance'),
  bySquares('batchNorm'),
];
