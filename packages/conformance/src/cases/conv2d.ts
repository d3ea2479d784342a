// conv2d on every listed geometry and on the grid, and on real numbers in sums short enough to reveal lost bits.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { convolutions, on, plain } from './convolutions.ts';
import { convolutionAtFullSize, googlenet, large } from './fullSize.ts';
import { convolutionGrid, shortSums } from './grid.ts';

// At most 64 terms in each sum, gradients included: only short sums reveal inputs that were rounded to fewer bits.
const short = [
  on('reals-1x1', [2, 24, 3, 3], [5, 24, 1, 1]),
  on('reals-3x3', [1, 5, 5, 5], [4, 5, 3, 3], { pads: [1, 1, 1, 1] }),
  on('reals-3x3-stride-2', [3, 3, 7, 7], [4, 3, 3, 3], { strides: [2, 2], pads: [1, 0, 0, 1] }),
];

export const cases: readonly Case[] = casesFor('conv2d', ({ bounded, exact }) => [
  ...convolutions.map(({ name, x, w, attrs }) =>
    exact(name, { x: integers('x', x), w: integers('w', w) }, attrs),
  ),
  ...short.map(({ name, x, w, attrs }) => bounded(name, { x: reals('x', x), w: reals('w', w) }, attrs)),
  exact('image-and-filter-are-one-value', { x: integers('x', [2, 2, 3, 3]) }, (op, { x }) =>
    op.conv2d(x, x, plain),
  ),
  ...convolutionGrid.map(({ name, x, w, attrs }) =>
    exact(`grid-${name}`, { x: integers('x', x), w: integers('w', w) }, attrs),
  ),
  ...shortSums.map(({ name, x, w, attrs }) =>
    bounded(`grid-reals-${name}`, { x: reals('x', x), w: reals('w', w) }, attrs),
  ),
  ...googlenet.map((full) =>
    convolutionAtFullSize(full, ({ name, x, w, attrs }, options) =>
      exact(`full-size-${name}`, { x: large('x', x), w: large('w', w) }, attrs, options),
    ),
  ),
]);
