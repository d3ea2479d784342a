// Formats tables without lines: aligned columns with two spaces between them.
import Table from 'cli-table3';
import { visible } from './visible.ts';

/** A column of a {@link table}. */
export interface Column {
  readonly head: string;
  /** Default left. */
  readonly align?: 'left' | 'right';
}

/** A text, optionally with a colour. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/**
 * Formats a table as lines, with a header row if any column has a head. Control characters in cells and heads are
 * escaped, so that `printStyled` can print the lines.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly string[] {
  const heads = columns.some(({ head }) => head !== '') ? [columns.map(({ head }) => head)] : [];
  const built = new Table({
    chars: NO_LINES,
    colAligns: columns.map(({ align = 'left' }) => align),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  built.push(...[...heads, ...rows].map((row) => row.map(shown)));
  return built
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

function shown(cell: Cell): string {
  return typeof cell === 'string' ? visible(cell) : cell.paint(visible(cell.text));
}
