// avgPool2dGrad on its own, with a gradient that comes from elsewhere; its own gradient is avgPool2d again.
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { inFormat } from '../faults/planted/fault.ts';
import { countedOtherwise, shiftedRow } from '../faults/planted/windows.ts';
import { averagings } from './poolings.ts';

export const cases: readonly Case[] = averagings.map(({ name, x, y, attrs }) =>
  bounded(`avgPool2dGrad/${name}`, { dy: reals('dy', y) }, (op, { dy }) =>
    op.avgPool2dGrad(dy, { ...attrs, inputShape: x.shape }),
  ),
);

export const faults: readonly Fault<'avgPool2dGrad'>[] = [countedOtherwise, shiftedRow(0), inFormat('bf16')];
