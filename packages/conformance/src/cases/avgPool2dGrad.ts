import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { reals } from '../data.ts';
import { averagings } from './poolings.ts';

// On its own, with a gradient that comes from elsewhere; its own gradient is avgPool2d again.
export const avgPool2dGrad: readonly Case[] = averagings.map(({ name, x, y, attrs }) =>
  bounded(`avgPool2dGrad/${name}`, { dy: reals('dy', y) }, (op, { dy }) =>
    op.avgPool2dGrad(dy, { ...attrs, inputShape: x.shape }),
  ),
);
