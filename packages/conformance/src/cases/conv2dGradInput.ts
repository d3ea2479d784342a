import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import { convolutions } from './convolutions.ts';
import { conv2dGradInputAtFullSize } from './fullSize.ts';

// On its own, not as conv2d's gradient: so that its gradients, conv2d and conv2dGradFilter again, are met as well.
export const conv2dGradInput: readonly Case[] = [
  ...convolutions.map(({ name, x, w, y, attrs }) =>
    exact(`conv2dGradInput/${name}`, { dy: integers('dy', y), w: integers('w', w) }, (op, values) =>
      op.conv2dGradInput(values.dy, values.w, { ...attrs, inputShape: x }),
    ),
  ),
  ...conv2dGradInputAtFullSize,
];
