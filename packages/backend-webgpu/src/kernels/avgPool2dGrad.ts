// avgPool2dGrad(dy): each pixel gathers its share of the gradient from the windows that contain it.
// `dy: [N, C, OH, OW] -> inputShape [N, C, H, W]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch } from './kernel.ts';
import { overWindowsOf, poolGeometry } from './pooling.ts';

export const avgPool2dGrad: Kernel<'avgPool2dGrad'> = ({ attrs }, { inputs: [dy], outputs: [dx] }) => [
  dispatch({
    reads: { dy: [dy, 'f32'] },
    writes: { dx: [dx, 'f32'] },
    params: poolGeometry(dx.shape, dy.shape, attrs),
    threads: sizeOf(dx.shape),
    functions: attrs.countPadding ? wholeWindow : pixelsInside,
    body: overWindowsOf('sum += dy[window] / f32(pixels(oh, ow));'),
  }),
];

const wholeWindow = `fn pixels(oh: u32, ow: u32) -> u32 {
  return params.kh * params.kw;
}`;

// In coordinates that start at the top left of the padding, x extends from (top, left) to (top + h, left + w).
const pixelsInside = `fn pixels(oh: u32, ow: u32) -> u32 {
  let row = oh * params.strideH;
  let column = ow * params.strideW;
  let rows = min(row + params.kh, params.top + params.h) - max(row, params.top);
  let columns = min(column + params.kw, params.left + params.w) - max(column, params.left);
  return rows * columns;
}`;
