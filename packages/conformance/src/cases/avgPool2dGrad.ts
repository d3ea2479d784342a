// avgPool2dGrad on its own, with a gradient that comes from elsewhere; its own gradient is avgPool2d again.
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';
import { averagings } from './poolings.ts';

export const cases: readonly Case[] = averagings.map(({ name, x, y, attrs }) =>
  bounded(`avgPool2dGrad/${name}`, { dy: reals('dy', y) }, (op, { dy }) =>
    op.avgPool2dGrad(dy, { ...attrs, inputShape: x.shape }),
  ),
);
