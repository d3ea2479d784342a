// maxPool2d(x): the maximum of each window; padding never wins. `x: [N, C, H, W] -> [N, C, OH, OW]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch } from './kernel.ts';
import { firstMaximum, poolGeometry } from './pooling.ts';
import { RANKS } from './rank.ts';

export const maxPool2d: Kernel<'maxPool2d'> = ({ attrs }, { inputs: [x], outputs: [y] }) => [
  dispatch({
    reads: { x: [x, 'u32'] },
    writes: { y: [y, 'u32'] },
    params: poolGeometry(x.shape, y.shape, attrs),
    threads: sizeOf(y.shape),
    functions: RANKS,
    body: firstMaximum('y[i] = most;'),
  }),
];
