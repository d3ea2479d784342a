// conv2d(x, w): `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`
// A thread computes 8 output channels of one group at 4 pixels. The pixels are `lanes` apart, so that neighboring threads read
// neighboring pixels.
import { shape4 } from '@isonet/core';
import { CHANNELS, collectSums, declareSums, geometry, LANES, perChannel } from './convolution.ts';
import type { Kernel } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';

export const conv2d: Kernel<'conv2d'> = ({ attrs }, { inputs: [x, w], outputs: [y] }) => {
  const [n, k, oh, ow] = shape4(y.shape);
  const lanes = Math.ceil((n * oh * ow) / LANES);
  const tiles = Math.ceil(k / attrs.groups / CHANNELS);
  return [
    dispatch({
      reads: { x: [x, 'f32'], w: [w, 'f32'] },
      writes: { y: [y, 'f32'] },
      params: { ...geometry(x.shape, w.shape, y.shape, attrs), lanes: u32(lanes), tiles: u32(tiles) },
      threads: lanes * tiles * attrs.groups,
      body,
    }),
  ];
};

const body = `let group_index = i / params.lanes / params.tiles;
  let first_k = (i / params.lanes) % params.tiles * ${CHANNELS}u;
  let channel = group_index * params.groupK + first_k;
  let pixels = params.n * params.oh * params.ow;
  let pixel = vec4u(i % params.lanes) + vec4u(0, 1, 2, 3) * params.lanes;
  let held = min(pixel, vec4u(pixels - 1u));
  let image = held / (params.oh * params.ow);
  let row = vec4i(held / params.ow % params.oh * params.strideH) - i32(params.top);
  let column = vec4i(held % params.ow * params.strideW) - i32(params.left);

  let plane = params.h * params.w;
  let first_plane = (image * params.c + group_index * params.groupC) * plane;
  let taps = params.kh * params.kw;
${perChannel((j) => `let filter${j} = min(${j}u, params.groupK - 1u - first_k) * params.groupC * taps;`)}
${declareSums}
  for (var p = 0u; p < params.kh; p++) {
    for (var q = 0u; q < params.kw; q++) {
      let r = row + i32(p * params.dilationH);
      let s = column + i32(q * params.dilationW);
      let inside = (r >= vec4i()) & (r < vec4i(i32(params.h))) & (s >= vec4i()) & (s < vec4i(i32(params.w)));
      if (!any(inside)) { continue; }
      var at = select(vec4u(), first_plane + vec4u(r) * params.w + vec4u(s), inside);
      var tap = channel * params.groupC * taps + p * params.kw + q;
      for (var c = 0u; c < params.groupC; c++) {
        let v = select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
${perChannel((j) => `sum${j} += v * w[tap + filter${j}];`)}
        at += plane;
        tap += taps;
      }
    }
  }

${collectSums}
  for (var j = 0u; j < min(${CHANNELS}u, params.groupK - first_k); j++) {
    for (var lane = 0u; lane < 4u; lane++) {
      if (pixel[lane] >= pixels) { break; }
      let within = held[lane] % (params.oh * params.ow);
      y[(image[lane] * params.k + channel + j) * params.oh * params.ow + within] = sums[j][lane];
    }
  }`;
