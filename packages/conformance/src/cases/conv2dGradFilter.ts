// conv2dGradFilter on its own, not as conv2d's gradient: so that its gradients, conv2dGradInput and conv2d again, are met as well.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { convolutions } from './convolutions.ts';
import { conv2dGradFilterAtFullSize } from './fullSize.ts';

export const cases: readonly Case[] = [
  ...convolutions.map(({ name, x, w, y, attrs }) =>
    exact(`conv2dGradFilter/${name}`, { x: integers('x', x), dy: integers('dy', y) }, (op, values) =>
      op.conv2dGradFilter(values.x, values.dy, { ...attrs, filterShape: w }),
    ),
  ),
  ...conv2dGradFilterAtFullSize,
];
