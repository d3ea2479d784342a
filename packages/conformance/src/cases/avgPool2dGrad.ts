// avgPool2dGrad on a gradient that is fed, not computed from avgPool2d. Its own gradient is avgPool2d.
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';
import { averagings } from './poolings.ts';

export const cases: readonly Case[] = casesFor('avgPool2dGrad', ({ bounded }) =>
  averagings.map(({ name, x, y, attrs }) =>
    bounded(name, { dy: reals('dy', y) }, { ...attrs, inputShape: x.shape }),
  ),
);
