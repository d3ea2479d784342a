// Random crops of a padded image, and flips: whole pixels move, none is computed.
import type { Draw } from '@isonet/core';
import type { ImageShape } from '../imageShape.ts';
import { augmentStream, pairAt } from './draws.ts';

/** Options of the crop. */
export interface CropOptions {
  /** Pixels of black that are added on each side, before the old size is cut out of it at random. */
  readonly padding: number;
}

/** Where a pixel comes from. */
export interface Move {
  /** How far down and to the right the old image is read: 0 leaves it where it is. */
  readonly down: number;
  readonly right: number;
  /** Left and right exchanged, after that. */
  readonly isFlipped: boolean;
}

const FLIP = augmentStream('flip');
const CROP = augmentStream('crop');

/** What is done to a sample: a flip in half of all cases, each offset of a crop equally often. */
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

/** Moves an image, `[channels, height, width]` both; `black` has a value per channel, for what comes from outside. */
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
