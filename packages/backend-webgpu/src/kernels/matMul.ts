// matMul(x, y): the product of two matrices. `x: [M, K] (or [K, M]), y: [K, N] (or [N, K]) -> [M, N]`
// A thread computes 8 rows by 4 columns, as in convolution.ts. The columns are `lanes` apart, so that neighboring threads read and
// write neighboring columns. Long sums are divided into parts, which a second pass adds in order.
import { shape2, sizeOf } from '@isonet/core';
import { CHANNELS, collectSums, declareSums, LANES, perChannel } from './convolution.ts';
import type { Kernel } from './kernel.ts';
import { dispatch, temporary, u32s } from './kernel.ts';
import { reduce } from './reductions.ts';

/** The maximum number of terms in one thread's sum. Shorter sums have less rounding error and more parallelism. */
const PART = 256;
/** The maximum number of partial sums over all parts, unless a single part has more. */
const MOST_PARTIALS = 2 ** 22;

export const matMul: Kernel<'matMul'> = ({ attrs }, { inputs: [x, y], outputs: [z] }) => {
  const [m, n] = shape2(z.shape);
  const k = shape2(x.shape)[attrs.transposeA ? 0 : 1];
  const size = sizeOf([m, n]);
  const most = Math.max(1, Math.floor(MOST_PARTIALS / size));
  const terms = Math.ceil(k / Math.min(most, Math.ceil(k / PART)));
  const parts = Math.ceil(k / terms);
  const lanes = Math.ceil(n / LANES);
  const tiles = Math.ceil(m / CHANNELS);
  const sizes = { m, n, k, size, terms, lanes, tiles };
  const strides = {
    xDown: attrs.transposeA ? 1 : k,
    xAlong: attrs.transposeA ? m : 1,
    yDown: attrs.transposeB ? 1 : n,
    yAlong: attrs.transposeB ? k : 1,
  };
  const partial = parts === 1 ? z : temporary(0, parts * size);
  const product = dispatch({
    reads: { x: [x, 'f32'], y: [y, 'f32'] },
    writes: { z: [partial, 'f32'] },
    params: u32s({ ...sizes, ...strides }),
    threads: lanes * tiles * parts,
    body,
  });
  if (parts === 1) return [product];
  const shape = [parts, size];
  return [product, ...reduce({ from: partial, to: z, shape, axes: [0], combine: 'sum', temporaries: 1 })];
};

const body = `let first_row = i / params.lanes % params.tiles * ${CHANNELS}u;
  let part = i / params.lanes / params.tiles;
  let column = vec4u(i % params.lanes) + vec4u(0, 1, 2, 3) * params.lanes;
  let held = min(column, vec4u(params.n - 1u));
${perChannel((j) => `let row${j} = min(${j}u, params.m - 1u - first_row) * params.xDown;`)}
${declareSums}
  let first = part * params.terms;
  var x_at = first_row * params.xDown + first * params.xAlong;
  var y_at = held * params.yAlong + first * params.yDown;
  for (var k = first; k < min(first + params.terms, params.k); k++) {
    let v = vec4f(y[y_at.x], y[y_at.y], y[y_at.z], y[y_at.w]);
${perChannel((j) => `sum${j} += v * x[x_at + row${j}];`)}
    x_at += params.xAlong;
    y_at += params.yDown;
  }

${collectSums}
  for (var j = 0u; j < min(${CHANNELS}u, params.m - first_row); j++) {
    for (var lane = 0u; lane < 4u; lane++) {
      if (column[lane] >= params.n) { break; }
      z[part * params.size + (first_row + j) * params.n + column[lane]] = sums[j][lane];
    }
  }`;
