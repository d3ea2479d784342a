// Random rotation, scaling and translation about the centre, with bilinear interpolation.
import type { Draw } from '@isonet/core';
import type { ImageShape } from '../imageShape.ts';
import { around, augmentStream, pairAt } from './draws.ts';
import { turn } from './exact.ts';

/** Options of the affine map. Omitted options change nothing. */
export interface AffineOptions {
  /** Rotates by up to this many degrees in either direction; 0 to 180. */
  readonly degrees?: number;
  /** Moves by up to this fraction of the height and the width in either direction; 0 to 1. */
  readonly translate?: number;
  /** Scales by a factor from 1 - scale to 1 + scale; at least 0, below 1. */
  readonly scale?: number;
}

/** A map of the plane: clockwise rotation and scaling about the centre, then a translation in pixels. */
export interface AffineMap {
  readonly cos: number;
  readonly sin: number;
  readonly scale: number;
  readonly down: number;
  readonly right: number;
}

const [ROTATE_SCALE, TRANSLATE] = [augmentStream('affine/rotate-scale'), augmentStream('affine/translate')];

/** Draws the map of a sample, each value uniformly from its range. */
export function drawAffine(
  { degrees = 0, translate = 0, scale = 0 }: AffineOptions,
  [, height, width]: ImageShape,
  draw: Draw,
  index: number,
): AffineMap {
  const [turned, scaled] = pairAt(draw, ROTATE_SCALE, index);
  const [down, right] = pairAt(draw, TRANSLATE, index);
  return {
    ...turn(around(0, degrees, turned)),
    scale: around(1, scale, scaled),
    down: around(0, translate * height, down),
    right: around(0, translate * width, right),
  };
}

/**
 * Maps an image; `source` and `out` are `[channels, height, width]`. Each new pixel interpolates the four source pixels
 * around the point that the map moves to it. Points outside the image have the value of `black`, one per channel.
 */
export function affineImage(
  source: Float32Array,
  out: Float32Array,
  [channels, height, width]: ImageShape,
  { cos, sin, scale, down, right }: AffineMap,
  black: readonly number[],
): void {
  const area = height * width;
  const centreY = (height - 1) / 2;
  const centreX = (width - 1) / 2;
  for (let y = 0; y < height; y++) {
    const dy = y - centreY - down;
    for (let x = 0; x < width; x++) {
      const dx = x - centreX - right;
      const fromX = (cos * dx + sin * dy) / scale + centreX;
      const fromY = (cos * dy - sin * dx) / scale + centreY;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const wx = fromX - left;
      const wy = fromY - top;
      const isInside = left >= 0 && top >= 0 && left + 1 < width && top + 1 < height;
      for (let c = 0; c < channels; c++) {
        const plane = c * area;
        let a: number, b: number, d: number, e: number;
        if (isInside) {
          const at = plane + top * width + left;
          a = source[at]!;
          b = source[at + 1]!;
          d = source[at + width]!;
          e = source[at + width + 1]!;
        } else {
          const outside = black[c]!;
          a = valueAt(source, plane, top, left, height, width, outside);
          b = valueAt(source, plane, top, left + 1, height, width, outside);
          d = valueAt(source, plane, top + 1, left, height, width, outside);
          e = valueAt(source, plane, top + 1, left + 1, height, width, outside);
        }
        out[plane + y * width + x] = (a + (b - a) * wx) * (1 - wy) + (d + (e - d) * wx) * wy;
      }
    }
  }
}

function valueAt(
  source: Float32Array,
  plane: number,
  row: number,
  column: number,
  height: number,
  width: number,
  outside: number,
): number {
  const isInside = row >= 0 && row < height && column >= 0 && column < width;
  return isInside ? source[plane + row * width + column]! : outside;
}
