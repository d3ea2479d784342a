import { sizeOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { forgotten, kernel, oneOff } from '../fault.ts';
import { bySquares } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { standardScore } from '../../formulas/formula.ts';

// Ba et al. 2016, equations 3 and 4.
export const formula: Formula<'layerNorm'> = ([x, scale, bias], { epsilon }) => {
  const size = sizeOf(scale.shape);
  return [
    x.data.map((value, i) => {
      const from = Math.floor(i / size) * size;
      const score = standardScore(value, x.data.slice(from, from + size), epsilon);
      return numberAt(scale.data, i - from) * score + numberAt(bias.data, i - from);
    }),
  ];
};

export const faults: readonly Fault<'layerNorm'>[] = [
  oneOff(0, 'x'),
  oneOff(1, 'scale'),
  forgotten(2, 'bias'),
  kernel('layerNorm: unbiased variance'),
  bySquares('layerNorm'),
];
