// What is measured of a picture's own pixels, before anything is resized.
import { createHash } from 'node:crypto';
import { luma, type Pixels } from '../../picture/colours.ts';

/** Levels of a picture over black, in its own pixels. */
export interface Measures {
  /** Of all pixels, 0 to 1: `[red, green, blue, grey]`. */
  readonly mean: readonly number[];
  /** Of their squares. */
  readonly meanSquare: readonly number[];
  /** Whether red, green and blue are the same in each pixel. */
  readonly isGrey: boolean;
  /** SHA-256 of width, height and pixels: the same for two files of one picture. */
  readonly pixels: string;
}

/** Measures a picture. */
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
