// From the pixels of a picture to the bytes that a network takes, in plain integer arithmetic: files, folders and a browser's canvas
// all come this way, so the same pixels give the same bytes everywhere.
import { DataError } from '@isonet/core';
import { imageBytes } from '../imageShape.ts';
import type { ImageShape } from '../imageShape.ts';
import { type Preprocessing, preprocessing } from '../preprocessing.ts';
import { levelOf, type Pixels, rowsOf } from './colours.ts';
import { placementOf } from './placement.ts';
import { resample } from './resample.ts';

/** More than nearly any camera takes; a small file that claims more is an attack on the memory. */
export const MAX_PIXELS: number = 2 ** 27;

/**
 * The pixels of a canvas of any size as the bytes that a network takes: what `decodeImage` makes of the same pixels in Node, to
 * the bit. Draw the picture at its own size, because what a canvas scales differs between browsers:
 * ```ts
 * const bitmap = await createImageBitmap(file);
 * const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
 * context.drawImage(bitmap, 0, 0);
 * const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
 * const image = imageFromPixels(pixels, [1, 28, 28]);
 * const inputs = imageTensor(image, [1, 28, 28]); // [1, 1, 28, 28]
 * ```
 * `-> [channels, height, width]`, bytes
 * @param as the shape, fitted inside over black; or a {@link Preprocessing}, whose `normalized` the bytes are for
 * @throws DataError `IMAGE_SHAPE` when the data is not four bytes for each of width * height pixels, at most 2^27; `PREPROCESSING`
 * when the shape is of other than 1 or 3 channels.
 */
export function imageFromPixels(pixels: Pixels, as: ImageShape | Preprocessing): Uint8Array {
  const { width, height, data } = pixels;
  const wanted = preprocessingOf(as);
  if (!isSide(width) || !isSide(height) || width * height > MAX_PIXELS) {
    throw new DataError(
      'IMAGE_SHAPE',
      `pixels: expected a width and a height of at least 1, and at most ${MAX_PIXELS} pixels, got ${width} x ${height}`,
    );
  }
  if (data.length !== 4 * width * height) {
    throw new DataError(
      'IMAGE_SHAPE',
      `pixels: expected ${4 * width * height} bytes, four for each of ${width} x ${height} pixels, got ${data.length}`,
    );
  }
  const { shape, background } = wanted;
  const [channels, down, across] = shape;
  const { scaled, window, at } = placementOf(pixels, wanted);
  const source = { width, height, channels, readRow: rowsOf(pixels, wanted) };
  const inner = resample(source, scaled, window);
  if (window.width === across && window.height === down) return inner;
  const image = new Uint8Array(imageBytes(shape)).fill(levelOf(background));
  for (let row = 0; row < channels * window.height; row++) {
    const [c, y] = [Math.floor(row / window.height), row % window.height];
    const line = inner.subarray(row * window.width, (row + 1) * window.width);
    image.set(line, (c * down + at.top + y) * across + at.left);
  }
  return image;
}

/** What a shape alone stands for. @throws DataError `PREPROCESSING` for other than 1 or 3 channels */
export function preprocessingOf(as: ImageShape | Preprocessing): Preprocessing {
  return isShape(as) ? preprocessing(as) : as;
}

function isShape(as: ImageShape | Preprocessing): as is ImageShape {
  return Array.isArray(as);
}

function isSide(side: number): boolean {
  return Number.isInteger(side) && side >= 1;
}
