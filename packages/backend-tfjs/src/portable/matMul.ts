// The product of two matrices. `x: [M, K] (or [K, M]), y: [K, N] (or [N, K]) -> [M, N]`
// Transposed beforehand: wasm hands XNNPACK those products alone that transpose nothing, and is slow at the others.
import type { AttrsOf } from '@isonet/core';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';

export function matMul(
  tf: Tf,
  x: Tensor2D,
  y: Tensor2D,
  { transposeA, transposeB }: AttrsOf<'matMul'>,
): Tensor2D {
  return tf.matMul(transposeA ? tf.transpose(x) : x, transposeB ? tf.transpose(y) : y);
}
