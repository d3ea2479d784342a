// Products of matrices, pair by pair: `x: [B, M, K] (or [B, K, M]), y: [B, K, N] (or [B, N, K]) -> [B, M, N]`. wasm multiplies
// batches with plain loops. It uses XNNPACK only for a single pair of matrices, with a setup cost of half a
// millisecond per pair.
import type { AttrsOf } from '@isonet/core';
import { defined, dimOf, sizeOf } from '@isonet/core';
import type { Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';

/** The number of multiply-adds per pair above which XNNPACK is faster. */
const LARGE = 2 ** 20;

export function batchMatMul(
  tf: Tf,
  x: Tensor3D,
  y: Tensor3D,
  { transposeA, transposeB }: AttrsOf<'batchMatMul'>,
): Tensor3D {
  const [count, ...matrix] = x.shape;
  const columns = dimOf(y.shape, transposeB ? 1 : 2);
  if (sizeOf(matrix) * columns < LARGE) return tf.matMul(x, y, transposeA, transposeB);
  const xs = tf.split(transposeA ? tf.transpose(x, [0, 2, 1]) : x, count);
  const ys = tf.split(transposeB ? tf.transpose(y, [0, 2, 1]) : y, count);
  return tf.concat(xs.map((one, i) => tf.matMul(one, defined(ys[i], `matrix ${i}`))));
}
