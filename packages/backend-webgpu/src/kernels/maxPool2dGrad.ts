// maxPool2dGrad(x, y, dy): the first dispatch finds the position of each window's first maximum, in row-major order. In the second,
// each pixel gathers the gradients of the windows in which it is the maximum.
// `x: [N, C, H, W], y: [N, C, OH, OW], dy: [N, C, OH, OW] -> [N, C, H, W]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, temporary } from './kernel.ts';
import { firstMaximum, overWindowsOf, poolGeometry } from './pooling.ts';
import { RANKS } from './rank.ts';

export const maxPool2dGrad: Kernel<'maxPool2dGrad'> = ({ attrs }, { inputs: [x, y, dy], outputs: [dx] }) => {
  const params = poolGeometry(x.shape, y.shape, attrs);
  const windows = sizeOf(y.shape);
  const chosen = temporary(0, windows);
  return [
    dispatch({
      reads: { x: [x, 'u32'] },
      writes: { chosen: [chosen, 'u32'] },
      params,
      threads: windows,
      functions: RANKS,
      body: firstMaximum('chosen[i] = place;'),
    }),
    dispatch({
      reads: { chosen: [chosen, 'u32'], dy: [dy, 'f32'] },
      writes: { dx: [dx, 'f32'] },
      params,
      threads: sizeOf(x.shape),
      body: overWindowsOf('if (chosen[window] == i) { sum += dy[window]; }'),
    }),
  ];
};
