// Converts the pixels of an image to input bytes for a network, in plain integer arithmetic. Files, folders and a
// browser's canvas all use this module, so the same pixels produce the same bytes everywhere.
import { DataError } from '@isonet/core';
import { imageBytes } from '../imageShape.ts';
import type { ImageShape } from '../imageShape.ts';
import { type Preprocessing, preprocessing } from '../preprocessing.ts';
import { levelOf, type Pixels, rowsOf } from './colours.ts';
import { placementOf } from './placement.ts';
import { resample } from './resample.ts';

/**
 * The maximum number of pixels, more than almost any camera produces. A small file that declares more may be an attempt
 * to exhaust the memory.
 */
export const MAX_PIXELS: number = 2 ** 27;

/**
 * Converts the pixels of a canvas of any size to input bytes for a network, bitwise identical to those of `decodeImage`
 * in Node. Draw the image at its original size, because browsers scale differently:
 * ```ts
 * const bitmap = await createImageBitmap(file);
 * const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
 * context.drawImage(bitmap, 0, 0);
 * const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
 * const image = imageFromPixels(pixels, [1, 28, 28]);
 * const inputs = imageTensor(image, [1, 28, 28]); // [1, 1, 28, 28]
 * ```
 * `-> [channels, height, width]`, bytes
 * @param as the shape, fitted inside over black; or a {@link Preprocessing}, with which `normalized` then converts the
 *   bytes
 * @throws DataError `IMAGE_SHAPE` if the data does not have four bytes for each of width * height pixels, or there are
 *   more than 2^27 pixels; `PREPROCESSING` if the shape does not have 1 or 3 channels.
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

/**
 * Returns the given preprocessing, or the default one for a shape.
 * @throws DataError `PREPROCESSING` unless it has 1 or 3 channels
 */
export function preprocessingOf(as: ImageShape | Preprocessing): Preprocessing {
  return isShape(as) ? preprocessing(as) : as;
}

function isShape(as: ImageShape | Preprocessing): as is ImageShape {
  return Array.isArray(as);
}

function isSide(side: number): boolean {
  return Number.isInteger(side) && side >= 1;
}
