// conv2dGradInput on its own, not as conv2d's gradient: so that its gradients, conv2d and conv2dGradFilter again, are met as well.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { convolutions } from './convolutions.ts';
import { conv2dGradInputAtFullSize } from './fullSize.ts';

export const cases: readonly Case[] = [
  ...convolutions.map(({ name, x, w, y, attrs }) =>
    exact(`conv2dGradInput/${name}`, { dy: integers('dy', y), w: integers('w', w) }, (op, values) =>
      op.conv2dGradInput(values.dy, values.w, { ...attrs, inputShape: x }),
    ),
  ),
  ...conv2dGradInputAtFullSize,
];
