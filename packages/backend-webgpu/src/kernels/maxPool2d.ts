// maxPool2d(x): the maximum of each window; padding never wins. `x: [N, C, H, W] -> [N, C, OH, OW]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, input, output } from './kernel.ts';
import { firstMaximum, poolGeometry } from './pooling.ts';

export const maxPool2d: Kernel<'maxPool2d'> = ({ attrs }, { inputs: [x], outputs: [y] }) => [
  dispatch({
    reads: { x: [input(0), 'f32'] },
    writes: { y: [output(0), 'f32'] },
    params: poolGeometry(x?.shape ?? [], y?.shape ?? [], attrs),
    threads: sizeOf(y?.shape ?? []),
    body: firstMaximum('y[i] = most;'),
  }),
];
