import { dimOf, sizeOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { inFormat, kernel, oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { indexAlong } from '../../formulas/formula.ts';

export const formula: Formula<'gather'> = ([x, indices], { axis }) => {
  const shape = x.shape.with(axis, indices.data.length);
  const step = sizeOf(shape.slice(axis + 1));
  const size = dimOf(x.shape, axis);
  return [
    Array.from({ length: sizeOf(shape) }, (_, i) => {
      const index = numberAt(indices.data, indexAlong(shape, axis, i));
      const before = Math.floor(i / step / indices.data.length);
      return index >= 0 && index < size ? numberAt(x.data, (before * size + index) * step + (i % step)) : 0;
    }),
  ];
};

export const faults: readonly Fault<'gather'>[] = [
  oneOff(0, 'x'),
  oneOff(1, 'indices'),
  inFormat('TF32'),
  inFormat('bf16'),
  kernel('gather: negative indices count from the end', ({ operands: [, { data }] }) =>
    data.every((index) => index >= 0) ? 'no index is negative' : undefined,
  ),
  kernel('gather: the nearest entry for an index outside', ({ node, operands: [x, { data }] }) =>
    data.every((index) => index >= 0 && index < dimOf(x.shape, node.attrs.axis))
      ? 'every index is inside'
      : undefined,
  ),
];
