// The shape of one image, [channels, height, width], and the check that every reader of bytes makes first.
import { DataError, shapeText, sizeOf } from '@isonet/core';

/** One image in pixels: 1 channel for grey, 3 for colour. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** Larger images would leave the range where the resize is exact, and no classifier takes them. */
const MAX_SIDE = 16_384;

/**
 * The bytes in one image of `shape`, a byte a pixel and channel.
 * @throws DataError `IMAGE_SHAPE` when a dimension is not a whole number from 1 to 16,384.
 */
export function imageBytes(shape: ImageShape): number {
  if (!shape.every((dim) => Number.isInteger(dim) && dim >= 1 && dim <= MAX_SIDE)) {
    throw new DataError(
      'IMAGE_SHAPE',
      `image shape: expected [channels, height, width], whole numbers from 1 to ${MAX_SIDE}, got ${shapeText(shape)}`,
    );
  }
  return sizeOf(shape);
}

/**
 * How many images of `shape` fill `images`, [n, channels, height, width].
 * @throws DataError `IMAGE_SHAPE` when the bytes are not a whole number of images.
 */
export function imageCount(images: Uint8Array, shape: ImageShape): number {
  const count = images.length / imageBytes(shape);
  if (!Number.isInteger(count)) {
    throw new DataError(
      'IMAGE_SHAPE',
      `image bytes: expected a multiple of ${imageBytes(shape)}, the size of one image ${shapeText(shape)}, got ${images.length}`,
    );
  }
  return count;
}
