// maxPool2dGather(x, y, g): for each window, the element of g at the position of the window's first maximum in x.
// `x: [N, C, H, W], y: [N, C, OH, OW], g: [N, C, H, W] -> [N, C, OH, OW]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch } from './kernel.ts';
import { firstMaximum, poolGeometry } from './pooling.ts';
import { RANKS } from './rank.ts';

export const maxPool2dGather: Kernel<'maxPool2dGather'> = (
  { attrs },
  { inputs: [x, y, g], outputs: [z] },
) => [
  dispatch({
    reads: { x: [x, 'u32'], g: [g, 'u32'] },
    writes: { z: [z, 'u32'] },
    params: poolGeometry(x.shape, y.shape, attrs),
    threads: sizeOf(y.shape),
    functions: RANKS,
    body: firstMaximum('z[i] = g[place];'),
  }),
];
