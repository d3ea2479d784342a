// globalAvgPool2d, on odd sizes and on single pixels.
import { shape4 } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { inFormat, withOperand } from '../faults/planted/fault.ts';
import { withoutLast } from '../faults/planted/tensors.ts';
import type { Formula } from '../formula.ts';
import { average } from '../formula.ts';

export const cases: readonly Case[] = [
  bounded('globalAvgPool2d/odd-size', { x: integers('x', [2, 3, 5, 7]) }, (op, { x }) =>
    op.globalAvgPool2d(x),
  ),
  bounded('globalAvgPool2d/2x2', { x: reals('x', [2, 3, 2, 2]) }, (op, { x }) => op.globalAvgPool2d(x)),
  bounded('globalAvgPool2d/one-pixel', { x: reals('x', [3, 4, 1, 1]) }, (op, { x }) => op.globalAvgPool2d(x)),
  bounded('globalAvgPool2d/one-image-one-channel', { x: reals('x', [1, 1, 3, 4], 0.25, 2) }, (op, { x }) =>
    op.globalAvgPool2d(x),
  ),
];

export const formula: Formula<'globalAvgPool2d'> = ([{ shape, data }]) => {
  const [images, channels, height, width] = shape4(shape);
  const pixels = height * width;
  const planes = Array.from({ length: images * channels }, (_, i) =>
    data.slice(i * pixels, (i + 1) * pixels),
  );
  return [planes.map(average)];
};

const leftOut: Fault<'globalAvgPool2d'> = {
  name: 'a dropped row',
  plant: ({ operands }) => ({ operands: withOperand(operands, 0, (x) => withoutLast(x, 2)) }),
};

export const faults: readonly Fault<'globalAvgPool2d'>[] = [leftOut, inFormat('bf16')];
