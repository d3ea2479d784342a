// Random crops of a padded image, and flips. Both move whole pixels without interpolation.
import type { Draw } from '@isonet/core';
import type { ImageShape } from '../imageShape.ts';
import { augmentStream, pairAt } from './draws.ts';

/** Options of the crop. */
export interface CropOptions {
  /** The number of black pixels to add on each side, before a random crop of the original size. */
  readonly padding: number;
}

/** The translation and flip of an image. */
export interface Move {
  /** The offset, down and to the right, at which the source is read: 0 does not move it. */
  readonly down: number;
  readonly right: number;
  /** Whether the result is then mirrored horizontally. */
  readonly isFlipped: boolean;
}

const FLIP = augmentStream('flip');
const CROP = augmentStream('crop');

/** Draws the move of a sample: a flip with probability 1/2, and a uniform offset for a crop. */
export function drawMove(
  { flip, crop }: { readonly flip?: boolean | undefined; readonly crop?: CropOptions | undefined },
  draw: Draw,
  index: number,
): Move {
  const isFlipped = flip === true && pairAt(draw, FLIP, index)[0] < 0.5;
  if (crop === undefined) return { down: 0, right: 0, isFlipped };
  const [down, right] = pairAt(draw, CROP, index);
  const { padding } = crop;
  const offset = (unit: number): number => Math.floor(unit * (2 * padding + 1)) - padding;
  return { down: offset(down), right: offset(right), isFlipped };
}

/**
 * Moves an image; `source` and `out` are `[channels, height, width]`. Pixels outside the source have the value of
 * `black`, one per channel.
 */
export function moveImage(
  source: Float32Array,
  out: Float32Array,
  [channels, height, width]: ImageShape,
  { down, right, isFlipped }: Move,
  black: readonly number[],
): void {
  const from = Math.max(0, -right);
  const to = Math.min(width, width - right);
  for (let c = 0; c < channels; c++) {
    const outside = black[c]!;
    for (let y = 0; y < height; y++) {
      const row = (c * height + y) * width;
      const sourceY = y + down;
      if (sourceY < 0 || sourceY >= height || from >= to) {
        out.fill(outside, row, row + width);
        continue;
      }
      const start = (c * height + sourceY) * width + right;
      out.set(source.subarray(start + from, start + to), row + from);
      if (from > 0) out.fill(outside, row, row + from);
      if (to < width) out.fill(outside, row + to, row + width);
      if (isFlipped) out.subarray(row, row + width).reverse();
    }
  }
}
