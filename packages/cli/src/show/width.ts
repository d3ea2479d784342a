// Measures text in terminal columns, which differ from characters: Chinese characters and emoji are two columns wide, combining accents
// zero.
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** Returns the width of a text in columns. Colour codes have no width. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Cuts a text without colours to at most `columns` columns. */
export function cutTo(text: string, columns: number): string {
  if (text.length <= columns && widthOf(text) <= columns) return text;
  let width = 0;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    kept += segment;
  }
  return kept;
}

/** Cuts or pads a text to exactly `columns` columns. */
export function fitTo(text: string, columns: number): string {
  const cut = cutTo(text, columns);
  return cut + ' '.repeat(columns - widthOf(cut));
}
