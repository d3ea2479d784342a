// conv2dGradInput(dy, w): `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> [N, C, H, W]`
// A thread computes 8 input channels of one group at 4 pixels. Pixels are ordered by phase (row mod stride, column mod stride)
// first, so that neighboring threads use the same taps of the filter and skip the same ones.
import { shape4 } from '@isonet/core';
import { CHANNELS, collectSums, declareSums, geometry, LANES, perChannel } from './convolution.ts';
import type { Kernel } from './kernel.ts';
import { dispatch, u32s } from './kernel.ts';

export const conv2dGradInput: Kernel<'conv2dGradInput'> = ({ attrs }, { inputs: [dy, w], outputs: [dx] }) => {
  const [n, c, h, width] = shape4(dx.shape);
  const [strideH, strideW] = attrs.strides;
  // The rows and columns of one phase. In some phases the last ones are outside the image and are not stored.
  const rows = Math.ceil(h / strideH);
  const columns = Math.ceil(width / strideW);
  const lanesPerPhase = Math.ceil((n * rows * columns) / LANES);
  const lanes = lanesPerPhase * strideH * strideW;
  const tiles = Math.ceil(c / attrs.groups / CHANNELS);
  return [
    dispatch({
      reads: { dy: [dy, 'f32'], w: [w, 'f32'] },
      writes: { dx: [dx, 'f32'] },
      params: {
        ...geometry(dx.shape, w.shape, dy.shape, attrs),
        ...u32s({ lanesPerPhase, lanes, tiles, rows, columns }),
      },
      threads: lanes * tiles * attrs.groups,
      body,
    }),
  ];
};

const body = `let group_index = i / params.lanes / params.tiles;
  let first_c = (i / params.lanes) % params.tiles * ${CHANNELS}u;
  let lane = i % params.lanes;
  let phase = lane / params.lanesPerPhase;
  let pixel = vec4u(lane % params.lanesPerPhase) + vec4u(0, 1, 2, 3) * params.lanesPerPhase;
  let image = pixel / (params.rows * params.columns);
  let row = pixel / params.columns % params.rows * params.strideH + phase / params.strideW;
  let column = pixel % params.columns * params.strideW + phase % params.strideW;
  let real = (image < vec4u(params.n)) & (row < vec4u(params.h)) & (column < vec4u(params.w));

  let plane = params.oh * params.ow;
  let first_k = group_index * params.groupK;
  let first_plane = (image * params.k + first_k) * plane;
  let taps = params.kh * params.kw;
${perChannel((j) => `let filter${j} = min(${j}u, params.groupC - 1u - first_c) * taps;`)}
${declareSums}
  for (var p = 0u; p < params.kh; p++) {
    for (var q = 0u; q < params.kw; q++) {
      // The window that meets this pixel with tap (p, q), times the stride.
      let r = vec4i(row + params.top) - i32(p * params.dilationH);
      let s = vec4i(column + params.left) - i32(q * params.dilationW);
      let oh = vec4u(max(r, vec4i())) / params.strideH;
      let ow = vec4u(max(s, vec4i())) / params.strideW;
      let inside = real & (r == vec4i(oh * params.strideH)) & (s == vec4i(ow * params.strideW))
        & (oh < vec4u(params.oh)) & (ow < vec4u(params.ow));
      if (!any(inside)) { continue; }
      var at = select(vec4u(), first_plane + oh * params.ow + ow, inside);
      var tap = (first_k * params.groupC + first_c) * taps + p * params.kw + q;
      for (var k = 0u; k < params.groupK; k++) {
        let v = select(vec4f(), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), inside);
${perChannel((j) => `sum${j} += v * w[tap + filter${j}];`)}
        at += plane;
        tap += params.groupC * taps;
      }
    }
  }

${collectSums}
  for (var j = 0u; j < min(${CHANNELS}u, params.groupC - first_c); j++) {
    let c = group_index * params.groupC + first_c + j;
    for (var lane = 0u; lane < 4u; lane++) {
      if (!real[lane]) { continue; }
      dx[((image[lane] * params.c + c) * params.h + row[lane]) * params.w + column[lane]] = sums[j][lane];
    }
  }`;
