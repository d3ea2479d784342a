// maxPool2dGather on its own, with values that come from elsewhere; its gradient is maxPool2dGrad again.
import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { lastMaximum, shiftedRow } from '../faults/planted/windows.ts';
import { poolings } from './poolings.ts';

export const cases: readonly Case[] = poolings.map(({ name, x, attrs, tied }) =>
  exact(
    `maxPool2dGather/${name}`,
    { x, g: integers('g', x.shape) },
    (op, values) => op.maxPool2dGather(values.x, op.maxPool2d(values.x, attrs), values.g, attrs),
    { kinked: tied },
  ),
);

export const faults: readonly Fault<'maxPool2dGather'>[] = [lastMaximum, shiftedRow(2)];
