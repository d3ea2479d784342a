import { shape4, sizeOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { kernel, oneOff } from '../fault.ts';
import { isOneNumber } from '../tensors.ts';
import type { Formula } from '../../formulas/formula.ts';

export const formula: Formula<'upsampleNearest2d'> = ([{ shape, data }], { scales: [down, right] }) => {
  const [n, c, h, w] = shape4(shape);
  const [rows, columns] = [h * down, w * right];
  return [
    Array.from({ length: n * c * rows * columns }, (_, i) => {
      const [plane, row, column] = [
        Math.floor(i / (rows * columns)),
        Math.floor(i / columns) % rows,
        i % columns,
      ];
      return numberAt(data, (plane * h + Math.floor(row / down)) * w + Math.floor(column / right));
    }),
  ];
};

export const faults: readonly Fault<'upsampleNearest2d'>[] = [
  oneOff(0, 'x'),
  kernel('upsampleNearest2d: whole images side by side', ({ node: { attrs }, operands: [x] }) => {
    const [, , h, w] = shape4(x.shape);
    if (sizeOf(attrs.scales) === 1) return 'there is one copy';
    return h * w === 1 || isOneNumber(x) ? 'every image is one number' : undefined;
  }),
];
