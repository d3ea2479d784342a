import { shape4 } from '@isonet/core';
import type { Fault } from '../fault.ts';
import { inFormat, withOperand } from '../fault.ts';
import { withoutLast } from '../tensors.ts';
import type { Formula } from '../../formulas/formula.ts';
import { average } from '../../formulas/formula.ts';

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
