// Converts the colours of decoded pixels: composites them over the background, inverts them, and converts them to grey or
// planes.
import type { Preprocessing } from '../preprocessing.ts';
import type { RowReader } from './resample.ts';

/** The used part of a browser's `ImageData`: red, green, blue and alpha of each pixel, row by row, 0 to 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Reads rows of an image in the colours that the network needs, one plane after the other:
 * - composited over the ground: `(colour * alpha + ground * (255 - alpha)) / 255`, rounded, like Pillow's `Image.paste`
 *   with a mask
 * - inverted if requested
 * - converted to grey like Pillow's mode L, with the luma of ITU-R BT.601: `(19595 R + 38470 G + 7471 B + 32768) >> 16`
 */
export function rowsOf(
  { width, data }: Pixels,
  { shape, background, invert }: Pick<Preprocessing, 'shape' | 'background' | 'invert'>,
): RowReader {
  const grey = shape[0] === 1;
  const ground = groundOf({ background, invert });
  const flip = invert ? 255 : 0;
  return (y, out) => {
    let at = 4 * width * y;
    for (let x = 0; x < width; x++, at += 4) {
      let red = data[at]!;
      let green = data[at + 1]!;
      let blue = data[at + 2]!;
      const alpha = data[at + 3]!;
      if (alpha !== 255) {
        const rest = ground * (255 - alpha);
        red = over255(red * alpha + rest);
        green = over255(green * alpha + rest);
        blue = over255(blue * alpha + rest);
      }
      // 255 - byte is byte ^ 255.
      red ^= flip;
      green ^= flip;
      blue ^= flip;
      if (grey) {
        out[x] = luma(red, green, blue);
      } else {
        out[x] = red;
        out[width + x] = green;
        out[2 * width + x] = blue;
      }
    }
  };
}

/** Returns the level of the ground, the colour that an image is composited over before it is inverted. */
export function groundOf({ background, invert }: Pick<Preprocessing, 'background' | 'invert'>): number {
  return levelOf(background) ^ (invert ? 255 : 0);
}

/** Returns the level of the background in the result. */
export function levelOf(background: Preprocessing['background']): number {
  return background === 'white' ? 255 : 0;
}

/** Converts bytes of colours to a byte of grey, with the weights of ITU-R BT.601 in units of 2^-16. */
export function luma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
}

/** Returns `value / 255`, rounded, for values up to 255 * 255. */
function over255(value: number): number {
  const more = value + 128;
  return ((more >> 8) + more) >> 8;
}
