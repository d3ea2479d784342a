// Bilinear resize of byte images in exact integer arithmetic: the same bytes on every machine, so that two backends
// which are fed 96x96 images are fed the same ones. Two taps per axis: shrinking by more than 2 aliases, and it is
// meant for enlarging small images. For photographs see image.ts.
import { imageBytes, imageCount, type ImageShape } from './imageShape.ts';

/** In pixels. */
export type ImageSize = readonly [height: number, width: number];

/** One output position on one axis: the value is (source[low] * (scale - weight) + source[high] * weight) / scale. */
interface Taps {
  readonly scale: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Int32Array;
}

/**
 * Bilinear, half-pixel centres, edges clamped, rounded half up.
 * `images: [n, channels, height, width] -> [n, channels, size[0], size[1]]`, bytes
 * @throws DataError `IMAGE_SHAPE` when a size is not a whole number from 1 to 16,384, or the bytes are not whole images.
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
 * The centre of output pixel i lies at (i + 1/2) * length / outLength - 1/2 among the source pixels. Counted in units
 * of 1 / (2 * outLength) that is the whole number (2i + 1) * length - outLength, so no position is ever rounded.
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
  // One source row's worth of vertical blends, in units of 1 / rows.scale.
  const line = new Float64Array(width);
  // Sums stay below 255 * 2^30 and their quotient's distance to a whole number above 2^-31: float64 floors it exactly.
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
  return values[index]!; // Within the array by construction, in a loop over every pixel.
}
