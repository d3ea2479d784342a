// maxPool2d(x): the maximum of each window; padding never wins. `x: [N, C, H, W] -> [N, C, OH, OW]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch } from './kernel.ts';
import { firstMaximum, poolGeometry } from './pooling.ts';

export const maxPool2d: Kernel<'maxPool2d'> = ({ attrs }, { inputs: [x], outputs: [y] }) => [
  dispatch({
    reads: { x: [x, 'f32'] },
    writes: { y: [y, 'f32'] },
    params: poolGeometry(x.shape, y.shape, attrs),
    threads: sizeOf(y.shape),
    body: firstMaximum('y[i] = most;'),
  }),
];
