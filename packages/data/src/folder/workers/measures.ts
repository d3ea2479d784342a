// Measures the original pixels of an image, before any resizing.
import { createHash } from 'node:crypto';
import { luma, type Pixels } from '../../picture/colours.ts';

/** Measures of an image's original pixels, composited over black. */
export interface Measures {
  /** The means of all pixels, 0 to 1: `[red, green, blue, grey]`. */
  readonly mean: readonly number[];
  /** The means of the squares of all pixels, in the same order. */
  readonly meanSquare: readonly number[];
  /** Whether red, green and blue are equal in every pixel. */
  readonly isGrey: boolean;
  /** The SHA-256 of width, height and pixels, which is the same for two files of the same image. */
  readonly pixels: string;
}

/** Measures an image. */
export function measuresOf({ width, height, data }: Pixels): Measures {
  const [sums, squares] = [new Float64Array(4), new Float64Array(4)];
  let isGrey = true;
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]! / 255;
    const red = data[at]! * alpha;
    const green = data[at + 1]! * alpha;
    const blue = data[at + 2]! * alpha;
    const grey = luma(red, green, blue);
    if (red !== green || green !== blue) isGrey = false;
    sums[0]! += red;
    sums[1]! += green;
    sums[2]! += blue;
    sums[3]! += grey;
    squares[0]! += red * red;
    squares[1]! += green * green;
    squares[2]! += blue * blue;
    squares[3]! += grey * grey;
  }
  const count = width * height;
  return {
    mean: Array.from(sums, (sum) => sum / count / 255),
    meanSquare: Array.from(squares, (square) => square / count / 255 ** 2),
    isGrey,
    pixels: createHash('sha256').update(`${width}x${height}\n`).update(data).digest('hex'),
  };
}
