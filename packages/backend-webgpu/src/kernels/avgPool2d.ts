// avgPool2d(x): the mean of each window, in which padding counts as zeros or not at all. `x: [N, C, H, W] -> [N, C, OH, OW]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch } from './kernel.ts';
import { poolGeometry, windowSum } from './pooling.ts';

export const avgPool2d: Kernel<'avgPool2d'> = ({ attrs }, { inputs: [x], outputs: [y] }) => [
  dispatch({
    reads: { x: [x, 'f32'] },
    writes: { y: [y, 'f32'] },
    params: poolGeometry(x.shape, y.shape, attrs),
    threads: sizeOf(y.shape),
    body: windowSum(`y[i] = sum / f32(${attrs.countPadding ? 'params.kh * params.kw' : 'inside'});`),
  }),
];
