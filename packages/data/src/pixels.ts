// A picture in a page as image bytes: what image.ts is for files. The browser decodes and scales it, on a canvas.
import { DataError } from '@isonet/core';
import { imageBytes } from './imageShape.ts';

/** A browser's `ImageData`, as far as it is used: red, green, blue and alpha of each pixel, row by row, 0 to 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * The pixels of a canvas as 8-bit grey (1 channel) or sRGB (3), transparent ones over black: what `decodeImage` makes of the
 * same picture in Node, to within 1. The canvas has the size that the model takes:
 * ```ts
 * const context = new OffscreenCanvas(28, 28).getContext('2d')!;
 * context.drawImage(await createImageBitmap(file), 0, 0, 28, 28);
 * const image = imageFromPixels(context.getImageData(0, 0, 28, 28), 1);
 * const inputs = imageTensor(image, [1, 28, 28]); // [1, 1, 28, 28]
 * ```
 * `-> [channels, height, width]`, bytes
 * @throws DataError `IMAGE_SHAPE` when the data is not four bytes for each of width * height pixels.
 */
export function imageFromPixels({ width, height, data }: Pixels, channels: 1 | 3): Uint8Array {
  const bytes = imageBytes([channels, height, width]);
  const area = width * height;
  if (data.length !== 4 * area) {
    throw new DataError(
      'IMAGE_SHAPE',
      `pixels: expected ${4 * area} bytes, four for each of ${width} x ${height} pixels, got ${data.length}`,
    );
  }
  const image = new Uint8Array(bytes);
  for (let i = 0; i < area; i++) {
    const alpha = data[4 * i + 3]! / 255;
    const [red, green, blue] = [0, 1, 2].map((c) => data[4 * i + c]! * alpha) as [number, number, number];
    if (channels === 1) image[i] = Math.round(grey(red, green, blue));
    else [red, green, blue].forEach((value, c) => (image[c * area + i] = Math.round(value)));
  }
  return image;
}

/** Of the same luminance: the sum of the linear primaries, in the weights of sRGB (IEC 61966-2-1). */
function grey(red: number, green: number, blue: number): number {
  return encoded(0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue));
}

/** 0 to 255 -> 0 to 1 */
function linear(value: number): number {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

/** 0 to 1 -> 0 to 255 */
function encoded(light: number): number {
  return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
}
