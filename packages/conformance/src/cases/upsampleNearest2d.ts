// upsampleNearest2d: copies, so exact; its gradient sums them.
import type { Shape } from '@isonet/core';
import { shape4, sizeOf } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded, exact } from '../case.ts';
import { numberAt } from '../compare.ts';
import { integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { kernel, oneOff } from '../faults/planted/fault.ts';
import { isOneNumber } from '../faults/planted/tensors.ts';
import type { Formula } from '../formula.ts';

function on(name: string, shape: Shape, scales: readonly [number, number]): Case {
  return exact(`upsampleNearest2d/${name}`, { x: integers('x', shape) }, (op, { x }) =>
    op.upsampleNearest2d(x, { scales }),
  );
}

export const cases: readonly Case[] = [
  on('twice', [2, 3, 3, 4], [2, 2]),
  on('other-down-than-right', [2, 2, 3, 5], [3, 2]),
  on('rows-alone', [1, 3, 4, 3], [4, 1]),
  on('columns-alone', [3, 1, 2, 3], [1, 3]),
  on('as-it-is', [2, 3, 4, 5], [1, 1]),
  on('one-pixel', [2, 5, 1, 1], [3, 2]),
  bounded('upsampleNearest2d/reals', { x: reals('x', [2, 3, 5, 3]) }, (op, { x }) =>
    op.upsampleNearest2d(x, { scales: [2, 3] }),
  ),
];

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
