// maxPool2dGrad on its own, with a gradient that comes from elsewhere; its own gradient is maxPool2dGather.
import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { lastMaximum, shiftedGradient } from '../faults/planted/windows.ts';
import { poolings } from './poolings.ts';

export const cases: readonly Case[] = poolings.map(({ name, x, y, attrs, tied }) =>
  exact(
    `maxPool2dGrad/${name}`,
    { x, dy: integers('dy', y) },
    (op, values) => op.maxPool2dGrad(values.x, op.maxPool2d(values.x, attrs), values.dy, attrs),
    { kinked: tied },
  ),
);

export const faults: readonly Fault<'maxPool2dGrad'>[] = [lastMaximum, shiftedGradient(2)];
