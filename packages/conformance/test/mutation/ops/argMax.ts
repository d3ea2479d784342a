import { dimOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { kernel, oneOff, oneResult } from '../fault.ts';
import { rolled } from '../tensors.ts';

export const faults: readonly Fault<'argMax'>[] = [
  oneOff(0, 'x', oneResult),
  kernel('argMax: the last of a tie', ({ node, operands: [x] }) => {
    const { axis } = node.attrs;
    const shifts = Array.from({ length: dimOf(x.shape, axis) - 1 }, (_, i) => rolled(x, axis, i + 1));
    const isMaximum = (value: number, i: number): boolean =>
      shifts.every(({ data }) => value >= numberAt(data, i));
    const isTied = (value: number, i: number): boolean =>
      isMaximum(value, i) && shifts.some(({ data }) => data[i] === value);
    return x.data.some(isTied) ? undefined : 'no maximum is there twice';
  }),
];
