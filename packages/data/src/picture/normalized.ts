// Normalizes image bytes to input values for a network.
import { float32, type TensorOf } from '@isonet/core';
import { imageCount } from '../imageShape.ts';
import type { Preprocessing } from '../preprocessing.ts';

/**
 * Converts image bytes to a network's input: `(byte / 255 - mean) / std` per channel, computed in float64 and rounded once.
 * `images: [n, channels, height, width], 0 to 255 -> float32 [n, channels, height, width]`
 * @throws DataError `IMAGE_SHAPE` if the bytes are not complete images.
 */
export function normalized(
  images: Uint8Array,
  { shape, mean, std }: Pick<Preprocessing, 'shape' | 'mean' | 'std'>,
): TensorOf<'float32'> {
  const count = imageCount(images, shape);
  const [channels, height, width] = shape;
  const area = height * width;
  const tables = Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length: 256 }, (_byte, byte) => (byte / 255 - mean[c]!) / std[c]!),
  );
  const values = new Float32Array(images.length);
  for (let plane = 0; plane < count * channels; plane++) {
    const table = tables[plane % channels]!;
    for (let i = plane * area; i < (plane + 1) * area; i++) values[i] = table[images[i]!]!;
  }
  return float32([count, ...shape], values);
}
