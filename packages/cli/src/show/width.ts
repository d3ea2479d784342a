// Columns of a terminal, which are not characters: most of Chinese and every emoji takes two, a combining accent none.
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** The columns that a text takes; codes of colours take none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The beginning of a text without colours, of at most `columns` columns. */
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

/** The text in exactly `columns` columns: cut, or filled with spaces. */
export function fitTo(text: string, columns: number): string {
  const cut = cutTo(text, columns);
  return cut + ' '.repeat(columns - widthOf(cut));
}
