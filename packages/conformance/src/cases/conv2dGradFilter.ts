import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import { convolutions } from './convolutions.ts';
import { conv2dGradFilterAtFullSize } from './fullSize.ts';

// On its own, not as conv2d's gradient: so that its gradients, conv2dGradInput and conv2d again, are met as well.
export const conv2dGradFilter: readonly Case[] = [
  ...convolutions.map(({ name, x, w, y, attrs }) =>
    exact(`conv2dGradFilter/${name}`, { x: integers('x', x), dy: integers('dy', y) }, (op, values) =>
      op.conv2dGradFilter(values.x, values.dy, { ...attrs, filterShape: w }),
    ),
  ),
  ...conv2dGradFilterAtFullSize,
];
