// Bilinear resize of byte images in exact integer arithmetic. It yields the same bytes on every machine, so that any two
// backends receive identical 96x96 images. It has two taps per axis, so shrinking by more than 2 aliases: it is meant for
// enlarging small images. For photographs, see picture/image.ts.
import { imageBytes, imageCount, type ImageShape } from './imageShape.ts';

/** The size of an image, in pixels. */
export type ImageSize = readonly [height: number, width: number];

/** The taps of each output position on one axis: (source[low] * (scale - weight) + source[high] * weight) / scale. */
interface Taps {
  readonly scale: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Int32Array;
}

/**
 * Resizes images with bilinear interpolation, half-pixel centres and clamped edges, rounding half up.
 * `images: [n, channels, height, width] -> [n, channels, size[0], size[1]]`, bytes
 * @throws DataError `IMAGE_SHAPE` if a size is not an integer from 1 to 16,384, or the bytes are not complete images.
 */
export function resizeImages(
  images: Uint8Array,
  [channels, height, width]: ImageShape,
  size: ImageSize,
): Uint8Array {
  const planes = imageCount(images, [channels, height, width]) * channels;
  const [outHeight, outWidth] = size;
  const planeBytes = imageBytes([1, outHeight, outWidth]);
  if (outHeight === height && outWidth === width) return images.slice();

  const out = new Uint8Array(planes * planeBytes);
  const rows = axisTaps(height, outHeight);
  const columns = axisTaps(width, outWidth);
  for (let plane = 0; plane < planes; plane++) {
    const source = images.subarray(plane * height * width, (plane + 1) * height * width);
    resizePlane(source, width, rows, columns, out.subarray(plane * planeBytes, (plane + 1) * planeBytes));
  }
  return out;
}

/**
 * Computes the taps of one axis. The centre of output pixel i is at (i + 1/2) * length / outLength - 1/2 in source pixels.
 * In units of 1 / (2 * outLength), that is the integer (2i + 1) * length - outLength, so positions are never rounded.
 */
function axisTaps(length: number, outLength: number): Taps {
  const scale = 2 * outLength;
  const low = new Int32Array(outLength);
  const high = new Int32Array(outLength);
  const weight = new Int32Array(outLength);
  for (let i = 0; i < outLength; i++) {
    const position = Math.max((2 * i + 1) * length - outLength, 0);
    const first = Math.floor(position / scale);
    low[i] = first;
    high[i] = Math.min(first + 1, length - 1);
    weight[i] = position - first * scale;
  }
  return { scale, low, high, weight };
}

function resizePlane(source: Uint8Array, width: number, rows: Taps, columns: Taps, out: Uint8Array): void {
  const outWidth = columns.low.length;
  // A row of vertically interpolated values, in units of 1 / rows.scale.
  const line = new Float64Array(width);
  // Sums stay below 255 * 2^30, and a quotient that is not an integer differs from one by more than 2^-31, so float64
  // floors it exactly.
  const unit = rows.scale * columns.scale;
  for (let i = 0; i < rows.low.length; i++) {
    const above = at(rows.low, i) * width;
    const below = at(rows.high, i) * width;
    const down = at(rows.weight, i);
    for (let x = 0; x < width; x++)
      line[x] = at(source, above + x) * (rows.scale - down) + at(source, below + x) * down;
    for (let j = 0; j < outWidth; j++) {
      const right = at(columns.weight, j);
      const sum =
        at(line, at(columns.low, j)) * (columns.scale - right) + at(line, at(columns.high, j)) * right;
      out[i * outWidth + j] = Math.floor((2 * sum + unit) / (2 * unit));
    }
  }
}

function at(values: Uint8Array | Int32Array | Float64Array, index: number): number {
  return values[index]!; // In range by construction; this runs for every pixel.
}
