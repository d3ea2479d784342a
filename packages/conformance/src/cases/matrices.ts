// The shapes of the operands of matMul and batchMatMul, for all combinations of transposed operands.
import type { AttrsOf, Shape } from '@isonet/core';

type Attrs = AttrsOf<'matMul'>;

export const transpositions: readonly (readonly [name: string, attrs: Attrs])[] = [
  ['nn', { transposeA: false, transposeB: false }],
  ['nt', { transposeA: false, transposeB: true }],
  ['tn', { transposeA: true, transposeB: false }],
  ['tt', { transposeA: true, transposeB: true }],
];

export type Sizes = readonly [m: number, k: number, n: number];

/** Returns the shapes in which the operands of `[...batch, M, K] x [...batch, K, N]` are stored. */
export function storedShapes(
  [m, k, n]: Sizes,
  attrs: Attrs,
  batch: Shape = [],
): readonly [x: Shape, y: Shape] {
  return [
    [...batch, ...(attrs.transposeA ? [k, m] : [m, k])],
    [...batch, ...(attrs.transposeB ? [n, k] : [k, n])],
  ];
}
