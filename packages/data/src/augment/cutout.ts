// Cutout (DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017): blackens a
// random square.
import type { Draw } from '@isonet/core';
import type { ImageShape } from '../imageShape.ts';
import { augmentStream, pairAt } from './draws.ts';

/** Options of cutout. */
export interface CutoutOptions {
  /**
   * The side of the square in pixels. Its centre may be any pixel of the image, so the square may extend beyond the image.
   */
  readonly size: number;
}

/** The pixel at the centre of the square; for an even size, the one after the centre. */
export interface Centre {
  readonly y: number;
  readonly x: number;
}

const CUTOUT = augmentStream('cutout');

export function drawCutout([, height, width]: ImageShape, draw: Draw, index: number): Centre {
  const [y, x] = pairAt(draw, CUTOUT, index);
  return { y: Math.floor(y * height), x: Math.floor(x * width) };
}

/** Blackens the square of an image, `[channels, height, width]`, in place. */
export function cutoutImage(
  image: Float32Array,
  [channels, height, width]: ImageShape,
  { size }: CutoutOptions,
  centre: Centre,
  black: readonly number[],
): void {
  const span = (middle: number, length: number): readonly [number, number] => {
    const start = middle - Math.floor(size / 2);
    return [Math.max(0, start), Math.min(length, start + size)];
  };
  const [[top, bottom], [left, right]] = [span(centre.y, height), span(centre.x, width)];
  for (let c = 0; c < channels; c++) {
    for (let y = top; y < bottom; y++) {
      const row = (c * height + y) * width;
      image.fill(black[c]!, row + left, row + right);
    }
  }
}
