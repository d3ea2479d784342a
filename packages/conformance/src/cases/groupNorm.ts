// groupNorm: from one group to as many as channels, and the gradients of all three inputs.
import type { Shape } from '@isonet/core';
import { dimOf, float32, sizeOf } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { numberAt } from '../compare.ts';
import { reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { forgotten, kernel, oneOff } from '../faults/planted/fault.ts';
import { bySquares } from '../faults/planted/functions.ts';
import type { Formula } from '../formula.ts';
import { indexAlong, standardScore } from '../formula.ts';

function on(name: string, shape: Shape, groups: number, epsilon = 1e-5, low = -1, high = 1): Case {
  const channels = [dimOf(shape, 1)];
  const feeds = {
    x: reals('x', shape, low, high),
    scale: reals('scale', channels, 0.5, 2),
    bias: reals('bias', channels),
  };
  return bounded(`groupNorm/${name}`, feeds, (op, { x, scale, bias }) =>
    op.groupNorm(x, scale, bias, { groups, epsilon }),
  );
}

export const cases: readonly Case[] = [
  on('two-groups', [2, 4, 3, 3], 2),
  on('one-group', [3, 3, 2, 2], 1),
  on('a-group-per-channel', [2, 3, 3, 4], 3, 1e-3),
  on('rows', [3, 12], 3),
  on('sequences', [2, 6, 5], 2),
  on('one-sample', [1, 6, 2, 2], 3),
  // The mean of the squares less the square of the mean would lose the variance here.
  on('far-from-0', [5, 4, 3], 2, 1e-5, 300, 301),
  // A dead group: its variance is 0, and epsilon alone keeps the quotient finite. (Kinked for being too steep there.)
  bounded(
    'groupNorm/constant-group',
    {
      x: float32([2, 4, 2], [0, 0, 0, 0, 1, -1, 2, 0.5, 0, 0, 0, 0, -1.5, 3, 1, 0]),
      scale: reals('scale', [4], 0.5, 2),
      bias: reals('bias', [4]),
    },
    (op, { x, scale, bias }) => op.groupNorm(x, scale, bias, { groups: 2, epsilon: 1e-3 }),
    { kinked: true },
  ),
];

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
