// conv2d on every geometry and on the grid, and on real data in sums short enough to show lost bits.
import type { Conv2dAttrs, Shape } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { convolutions, plain } from './convolutions.ts';
import { conv2dAtFullSize } from './fullSize.ts';
import { gridOfConvolutions } from './grid.ts';

const whole = (name: string, x: Shape, w: Shape, attrs: Conv2dAttrs): Case =>
  exact(`conv2d/${name}`, { x: integers('x', x), w: integers('w', w) }, (op, values) =>
    op.conv2d(values.x, values.w, attrs),
  );

const real = (name: string, x: Shape, w: Shape, attrs: Conv2dAttrs): Case =>
  bounded(`conv2d/${name}`, { x: reals('x', x), w: reals('w', w) }, (op, values) =>
    op.conv2d(values.x, values.w, attrs),
  );

export const cases: readonly Case[] = [
  ...convolutions.map(({ name, x, w, attrs }) => whole(name, x, w, attrs)),
  // No sum has more than 64 terms, the gradients' neither: only short sums show inputs that were rounded to fewer bits.
  real('reals-1x1', [2, 24, 3, 3], [5, 24, 1, 1], plain),
  real('reals-3x3', [1, 5, 5, 5], [4, 5, 3, 3], { ...plain, pads: [1, 1, 1, 1] }),
  real('reals-3x3-stride-2', [3, 3, 7, 7], [4, 3, 3, 3], { ...plain, strides: [2, 2], pads: [1, 0, 0, 1] }),
  exact('conv2d/image-and-filter-are-one-value', { x: integers('x', [2, 2, 3, 3]) }, (op, { x }) =>
    op.conv2d(x, x, plain),
  ),
  ...gridOfConvolutions,
  ...conv2dAtFullSize,
];
