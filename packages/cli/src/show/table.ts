// Tables without lines: columns that align, two spaces between them.
import Table from 'cli-table3';

/** A column of a {@link table}. */
export interface Column {
  readonly head: string;
  /** Default left. */
  readonly align?: 'left' | 'right';
}

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

/** The table as lines, the heads first where there are any. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const heads = columns.some(({ head }) => head !== '') ? [columns.map(({ head }) => head)] : [];
  const built = new Table({
    chars: NO_LINES,
    colAligns: columns.map(({ align = 'left' }) => align),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  built.push(...[...heads, ...rows].map((row) => [...row]));
  return built
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
