// maxPool2dGrad(x, y, dy): first where the first maximum of each window lies, in row-major order; then each pixel gathers
// from the windows that chose it. No two threads write to one place, so no atomics are needed.
// `x: [N, C, H, W], y: [N, C, OH, OW], dy: [N, C, OH, OW] -> [N, C, H, W]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, input, output, temporary } from './kernel.ts';
import { overWindow, poolGeometry } from './maxPool2d.ts';

export const maxPool2dGrad: Kernel<'maxPool2dGrad'> = ({ attrs }, { inputs: [x, y] }) => {
  const params = poolGeometry(x?.shape ?? [], y?.shape ?? [], attrs);
  const windows = sizeOf(y?.shape ?? []);
  const chosen = temporary(0, windows);
  return [
    dispatch({
      reads: { x: [input(0), 'f32'] },
      writes: { chosen: [chosen, 'u32'] },
      params,
      threads: windows,
      body: overWindow('chosen[i] = place;'),
    }),
    dispatch({
      reads: { chosen: [chosen, 'u32'], dy: [input(2), 'f32'] },
      writes: { dx: [output(0), 'f32'] },
      params,
      threads: sizeOf(x?.shape ?? []),
      body: gather,
    }),
  ];
};

const gather = `let plane = i / (params.h * params.w);
  // Window oh covers the rows from oh * strideH - top on: the first that covers this one, and the last.
  let below = i / params.w % params.h + params.top;
  let right = i % params.w + params.left;
  let first_oh = (max(below + 1u, params.kh) - params.kh + params.strideH - 1u) / params.strideH;
  let first_ow = (max(right + 1u, params.kw) - params.kw + params.strideW - 1u) / params.strideW;
  let last_oh = min(below / params.strideH, params.oh - 1u);
  let last_ow = min(right / params.strideW, params.ow - 1u);
  var sum = 0.0;
  for (var oh = first_oh; oh <= last_oh; oh++) {
    for (var ow = first_ow; ow <= last_ow; ow++) {
      let window = (plane * params.oh + oh) * params.ow + ow;
      if (chosen[window] == i) { sum += dy[window]; }
    }
  }
  dx[i] = sum;`;
