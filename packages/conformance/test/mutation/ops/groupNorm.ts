import { sizeOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { forgotten, kernel, oneOff } from '../fault.ts';
import { bySquares } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { indexAlong, standardScore } from '../../formulas/formula.ts';

// Wu and He 2018, equations 1 to 7.
export const formula: Formula<'groupNorm'> = ([x, scale, bias], { groups, epsilon }) => {
  const size = sizeOf(x.shape.slice(1)) / groups;
  return [
    x.data.map((value, i) => {
      const from = Math.floor(i / size) * size;
      const score = standardScore(value, x.data.slice(from, from + size), epsilon);
      const channel = indexAlong(x.shape, 1, i);
      return numberAt(scale.data, channel) * score + numberAt(bias.data, channel);
    }),
  ];
};

const ungrouped: Fault<'groupNorm'> = {
  name: 'all channels in one group',
  plant: ({ node: { attrs } }) =>
    attrs.groups === 1 ? 'there is one group' : { attrs: { ...attrs, groups: 1 } },
};

export const faults: readonly Fault<'groupNorm'>[] = [
  oneOff(0, 'x'),
  oneOff(1, 'scale'),
  forgotten(2, 'bias'),
  ungrouped,
  kernel('groupNorm: groups of every other channel', ({ node: { attrs }, operands: [x] }) =>
    attrs.groups === 1 || attrs.groups === x.shape[1] ? 'both ways the groups are the same' : undefined,
  ),
  kernel('groupNorm: unbiased variance'),
  bySquares('groupNorm'),
];
