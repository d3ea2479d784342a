// conv2dGradFilter(x, dy): `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C / groups, KH, KW]`
// Each of the few results is a sum over all pixels of all images, so the sum is divided into slabs of rows of dy. A thread sums one
// slab for 8 output by 4 input channels at one tap of the filter, and a second pass adds the slabs in order.
import { shape4, sizeOf } from '@isonet/core';
import { CHANNELS, collectSums, declareSums, geometry, LANES, perChannel } from './convolution.ts';
import type { Kernel } from './kernel.ts';
import { dispatch, temporary, u32s } from './kernel.ts';
import { reduce } from './reductions.ts';

/** The approximate number of terms in one thread's sum. Shorter sums have less rounding error and more parallelism. */
const SLAB = 1024;
/** The maximum number of partial sums over all slabs, unless a single slab has more. */
const MOST_PARTIALS = 2 ** 22;

export const conv2dGradFilter: Kernel<'conv2dGradFilter'> = (
  { attrs },
  { inputs: [x, dy], outputs: [dw] },
) => {
  const { groups } = attrs;
  const [k, groupC, kh, kw] = shape4(dw.shape);
  const [n, , oh, ow] = shape4(dy.shape);
  const size = sizeOf(dw.shape);
  const most = Math.max(1, Math.floor(MOST_PARTIALS / size));
  const rowsPerSlab = Math.ceil((n * oh) / Math.min(most, Math.ceil((n * oh * ow) / SLAB)));
  const slabs = Math.ceil((n * oh) / rowsPerSlab);
  const tilesK = Math.ceil(k / groups / CHANNELS);
  const tilesC = Math.ceil(groupC / LANES);
  const partial = slabs === 1 ? dw : temporary(0, slabs * size);
  const sum = dispatch({
    reads: { x: [x, 'f32'], dy: [dy, 'f32'] },
    writes: { dw: [partial, 'f32'] },
    params: {
      ...geometry(x.shape, dw.shape, dy.shape, attrs),
      ...u32s({ size, tilesK, tilesC, rowsPerSlab }),
    },
    threads: kh * kw * tilesC * tilesK * groups * slabs,
    body,
  });
  if (slabs === 1) return [sum];
  const shape = [slabs, size];
  return [sum, ...reduce({ from: partial, to: dw, shape, axes: [0], combine: 'sum', temporaries: 1 })];
};

const body = `let p = i / params.kw % params.kh;
  let q = i % params.kw;
  var rest = i / (params.kh * params.kw);
  let first_c = rest % params.tilesC * ${LANES}u;
  rest /= params.tilesC;
  let first_k = rest % params.tilesK * ${CHANNELS}u;
  rest /= params.tilesK;
  let groups = params.k / params.groupK;
  let group_index = rest % groups;
  let slab = rest / groups;

  let x_plane = params.h * params.w;
  let y_plane = params.oh * params.ow;
  let cs = min(vec4u(first_c) + vec4u(0, 1, 2, 3), vec4u(params.groupC - 1u));
  let x_planes = (group_index * params.groupC + cs) * x_plane;
  let first_y_plane = (group_index * params.groupK + first_k) * y_plane;
${perChannel((j) => `let plane${j} = min(${j}u, params.groupK - 1u - first_k) * y_plane;`)}
${declareSums}
  let end = min((slab + 1u) * params.rowsPerSlab, params.n * params.oh);
  for (var row = slab * params.rowsPerSlab; row < end; row++) {
    let image = row / params.oh;
    let oh = row % params.oh;
    let r = i32(oh * params.strideH + p * params.dilationH) - i32(params.top);
    if (r < 0 || r >= i32(params.h)) { continue; }
    let x_row = x_planes + image * params.c * x_plane + u32(r) * params.w;
    let y_row = first_y_plane + image * params.k * y_plane + oh * params.ow;
    for (var ow = 0u; ow < params.ow; ow++) {
      let s = i32(ow * params.strideW + q * params.dilationW) - i32(params.left);
      if (s < 0 || s >= i32(params.w)) { continue; }
      let xs = x_row + u32(s);
      let at = y_row + ow;
      let v = vec4f(x[xs.x], x[xs.y], x[xs.z], x[xs.w]);
${perChannel((j) => `sum${j} += v * dy[at + plane${j}];`)}
    }
  }

${collectSums}
  for (var k = 0u; k < min(${CHANNELS}u, params.groupK - first_k); k++) {
    for (var c = 0u; c < min(${LANES}u, params.groupC - first_c); c++) {
      let filter_row = (group_index * params.groupK + first_k + k) * params.groupC + first_c + c;
      dw[slab * params.size + (filter_row * params.kh + p) * params.kw + q] = sums[k][c];
    }
  }`;
