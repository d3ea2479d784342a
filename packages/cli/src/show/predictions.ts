// Prints predictions: a line per image, or the images with the classes below them.
import type { Guess, Prediction } from '@isonet/runs';
import type { Io } from '../io.ts';
import { hasColor, printLine, printStyled } from '../io.ts';
import { drawImage, pictureRows } from './picture.ts';
import { percent } from './text.ts';
import { visible } from './visible.ts';
import { widthOf } from './width.ts';

/** Prints a line per image: `boot.png: Ankle boot 98.1 %, Sneaker 1.5 %, Sandal 0.2 %` */
export function printLines(io: Io, predictions: readonly Prediction[]): void {
  for (const { name, guesses, truth } of predictions) {
    const known = truth === undefined ? '' : ` (truth: ${truth})`;
    printLine(io, `${name}: ${guesses.map(guessText).join(', ')}${known}`);
  }
}

/** Draws images with captions. @param imageShape `[channels, height, width]` of all images; only the first channel is drawn */
export function printPictures(
  io: Io,
  predictions: readonly Prediction[],
  [, height, width]: readonly [channels: number, height: number, width: number],
): void {
  const pictures = predictions.map(({ name, pixels, guesses, truth }) => ({
    lines: drawImage(pixels, [height, width], hasColor(io)),
    caption: [
      ending(visible(name), width),
      ...(truth === undefined ? [] : [`truth:   ${truth}`]),
      ...guesses.map((guess, i) => `${i === 0 ? 'network:' : '        '} ${guessText(guess)}`),
    ].map(visible),
  }));
  for (const line of pictureRows(pictures, width, io.columns)) printStyled(io, line);
}

/** Cuts a path at its start, because its end is more informative. */
function ending(name: string, columns: number): string {
  if (widthOf(name) <= columns) return name;
  const characters = Array.from(name);
  while (characters.length > 0 && widthOf(characters.join('')) > columns - 3) characters.shift();
  return `...${characters.join('')}`;
}

function guessText({ class: name, probability }: Guess): string {
  return `${name} ${percent(probability)}`;
}
