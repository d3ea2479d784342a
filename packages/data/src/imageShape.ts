// The shape of one image, [channels, height, width], and the checks of image bytes against it.
import { DataError, shapeText, sizeOf } from '@isonet/core';

/** The shape of one image: 1 channel for grey, 3 for colour. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** The maximum side length. The resize is not exact for larger images, and classifiers do not need them. */
const MAX_SIDE = 16_384;

/**
 * Returns the number of bytes in one image of `shape`, one byte per pixel and channel.
 * @throws DataError `IMAGE_SHAPE` if a dimension is not an integer from 1 to 16,384.
 */
export function imageBytes(shape: ImageShape): number {
  if (!shape.every((dim) => Number.isInteger(dim) && dim >= 1 && dim <= MAX_SIDE)) {
    throw new DataError(
      'IMAGE_SHAPE',
      `image shape: expected [channels, height, width], integers from 1 to ${MAX_SIDE}, got ${shapeText(shape)}`,
    );
  }
  return sizeOf(shape);
}

/**
 * Returns the number of images of `shape` in `images`, [n, channels, height, width].
 * @throws DataError `IMAGE_SHAPE` if the bytes are not complete images.
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
