// Draws a grey image in a terminal, two pixels per character: as half blocks in 256 colours, or as letters without colours.
import { defined } from '@isonet/core';
import { fitTo } from './width.ts';

/** Black, the 24 greys and white of the 256-colour palette. */
const GREYS = [16, ...Array.from({ length: 24 }, (_, i) => 232 + i), 231] as const;
/** From dark to light, for light letters on a dark background. */
const LETTERS = Array.from(' .:-=+*#%@');
/** The columns between two images. */
const GAP = 2;
const RESET = '\u001b[0m';

/**
 * Returns the lines of the image, each `width` characters wide and two rows of pixels high.
 * @param pixels bytes of shape `[height, width]`
 */
export function drawImage(
  pixels: Uint8Array,
  [height, width]: readonly [height: number, width: number],
  color: boolean,
): readonly string[] {
  const at = (y: number, x: number): number =>
    y < height ? defined(pixels[y * width + x], `the pixel at ${x}, ${y}`) : 0;
  const character = (y: number, x: number): string =>
    color ? halfBlock(at(y, x), at(y + 1, x)) : letter((at(y, x) + at(y + 1, x)) / 2);
  return Array.from({ length: Math.ceil(height / 2) }, (_, row) => {
    const line = Array.from({ length: width }, (_unused, x) => character(row * 2, x)).join('');
    return color ? line + RESET : line;
  });
}

/** Returns how many images of this width fit side by side, at least one. */
export function picturesPerRow(width: number, columns: number): number {
  return Math.max(1, Math.floor((columns + GAP) / (width + GAP)));
}

/** Lays out images with captions, as many side by side as fit. The cells of a row have the same height. */
export function pictureRows(
  pictures: readonly { readonly lines: readonly string[]; readonly caption: readonly string[] }[],
  width: number,
  columns: number,
): readonly string[] {
  const perRow = picturesPerRow(width, columns);
  const rows: string[] = [];
  for (let first = 0; first < pictures.length; first += perRow) {
    const row = pictures.slice(first, first + perRow);
    const cells = row.map(({ lines, caption }) => [...lines, ...caption.map((text) => fitTo(text, width))]);
    const height = Math.max(...cells.map((cell) => cell.length));
    for (let y = 0; y < height; y++) {
      rows.push(
        cells
          .map((cell) => cell[y] ?? ' '.repeat(width))
          .join(' '.repeat(GAP))
          .trimEnd(),
      );
    }
    rows.push('');
  }
  return rows;
}

function halfBlock(top: number, bottom: number): string {
  return `\u001b[38;5;${grey(top)};48;5;${grey(bottom)}m\u2580`;
}

function grey(byte: number): number {
  return of(GREYS, byte);
}

function letter(byte: number): string {
  return of(LETTERS, byte);
}

/** Returns the shade of a byte. */
function of<T>(shades: readonly T[], byte: number): T {
  return defined(shades[Math.round((byte / 255) * (shades.length - 1))], `the shade of ${byte}`);
}
