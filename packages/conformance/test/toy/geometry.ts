// Computes which elements of two arrays belong together, as positions in flat row-major arrays.
import type { Conv2dAttrs, MaxPool2dAttrs, Shape } from '@isonet/core';
import { sizeOf } from '@isonet/core';

type Rank4 = readonly [number, number, number, number];

/** Returns the distance between neighbors along each axis. `[2, 3, 4] -> [12, 4, 1]` */
export function steps(shape: Shape): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** For each position of `shape`: `start` plus the sum, over the axes, of its index times that axis's step. */
export function places(shape: Shape, along: readonly number[], start = 0): Int32Array {
  return shape.reduce(
    (coarse, dim, axis) =>
      new Int32Array(coarse.length * dim).map(
        (_, i) => coarse[Math.floor(i / dim)]! + (i % dim) * along[axis]!,
      ),
    Int32Array.of(start),
  );
}

/** Returns the position of the first value of a block that starts at these indices. */
export function startOf(indices: readonly number[], shape: Shape): number {
  const along = steps(shape);
  return indices.reduce((sum, index, axis) => sum + index * along[axis]!, 0);
}

/**
 * For each position of `shape`, the position in `small` that it repeats: axes of size 1 repeat, and a scalar repeats
 * everywhere.
 */
export function repeated(small: Shape, shape: Shape): Int32Array {
  const within = steps(small);
  return places(
    shape,
    shape.map((dim, axis) => (small[axis] === dim ? within[axis]! : 0)),
  );
}

/** Adds to y[k] the products x[i + c * xStep] * w[j + c * wStep], for each channel c of the group. */
type Tap = (k: number, i: number, xStep: number, j: number, wStep: number) => void;

/**
 * Visits all products of a convolution, all channels of a tap at a time. The gradients sum the same products into
 * other arrays. `x: [N, C, H, W], w: [K, C / groups, KH, KW], y: [N, K, OH, OW]`
 */
export function forEachTap(x: Shape, w: Shape, y: Shape, attrs: Conv2dAttrs, tap: Tap): void {
  const [, C, H, W] = x as Rank4;
  const [K, CG, KH, KW] = w as Rank4;
  const [N, , OH, OW] = y as Rank4;
  const { strides, pads, dilations, groups } = attrs;
  for (let n = 0; n < N; n++)
    for (let k = 0; k < K; k++) {
      const channel = n * C + Math.floor((k * groups) / K) * CG;
      for (let p = 0; p < KH; p++)
        for (let q = 0; q < KW; q++)
          for (let oh = 0; oh < OH; oh++) {
            const h = oh * strides[0] + p * dilations[0] - pads[0];
            if (h < 0 || h >= H) continue;
            for (let ow = 0; ow < OW; ow++) {
              const v = ow * strides[1] + q * dilations[1] - pads[1];
              if (v < 0 || v >= W) continue;
              const i = (channel * H + h) * W + v;
              tap(((n * K + k) * OH + oh) * OW + ow, i, H * W, (k * CG * KH + p) * KW + q, KH * KW);
            }
          }
    }
}

/** For each window of a pooling, the positions of the pixels of x in it, without padding. */
export function windows(x: Shape, y: Shape, { kernel, strides, pads }: MaxPool2dAttrs): readonly number[][] {
  const [, , H, W] = x as Rank4;
  const [, , OH, OW] = y as Rank4;
  return Array.from({ length: sizeOf(y) }, (_, window) => {
    const plane = Math.floor(window / (OH * OW)) * H * W;
    const top = (Math.floor(window / OW) % OH) * strides[0] - pads[0];
    const left = (window % OW) * strides[1] - pads[1];
    const pixels: number[] = [];
    for (let h = Math.max(0, top); h < Math.min(H, top + kernel[0]); h++)
      for (let w = Math.max(0, left); w < Math.min(W, left + kernel[1]); w++) pixels.push(plane + h * W + w);
    return pixels;
  });
}
