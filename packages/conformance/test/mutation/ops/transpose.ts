import { dimOf } from '@isonet/core';
import type { Fault } from '../fault.ts';
import { kernel, oneOff } from '../fault.ts';

export const faults: readonly Fault<'transpose'>[] = [
  kernel('transpose: the inverse permutation', ({ node, operands: [x] }) => {
    const { permutation } = node.attrs;
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    // Axes of size 1 may stand anywhere.
    const moved = (axes: readonly number[]): string => axes.filter((axis) => dimOf(x.shape, axis) > 1).join();
    return moved(permutation) === moved(inverse) ? 'it is its own inverse' : undefined;
  }),
  oneOff(0, 'x'),
];
