// What a folder of pictures holds, as lines for people.
import type { DuplicateGroup, FolderReport, Spread } from '@isonet/data';
import { normalizationText } from '@isonet/data';
import { counted } from '@isonet/runs';
import type { Column } from './table.ts';
import { table } from './table.ts';
import { count } from './text.ts';

/** Longer lists are cut: JSON has all. */
const MOST = 10;
/** The ratio of the largest class to the smallest from which on a hint is worth its line. */
const IMBALANCE = 3;

/** A report in parts: the first holds its headline, the second a table. */
export interface FolderLines {
  readonly headline: string;
  readonly table: readonly string[];
  /** Sizes, formats, levels. */
  readonly facts: readonly string[];
  /** What is wrong or odd. */
  readonly findings: readonly string[];
}

/** A report for people. */
export function folderLines(report: FolderReport): FolderLines {
  const { folder, pictures, classes } = report;
  return {
    headline: `data: ${counted(pictures, 'picture')} of ${counted(classes.length, 'class', 'classes')} in ${folder}`,
    table: classTable(report),
    facts: factLines(report),
    findings: findingLines(report),
  };
}

function classTable({ classes }: FolderReport): readonly string[] {
  const parts = (['train', 'validation', 'test'] as const).filter((part) =>
    classes.some((one) => one.parts[part] !== undefined),
  );
  const isDamaged = classes.some(({ unreadable }) => unreadable > 0);
  const columns: readonly Column[] = [
    { head: 'class' },
    ...['pictures', ...parts, ...(isDamaged ? ['unreadable'] : [])].map(
      (head) => ({ head, align: 'right' }) as const,
    ),
  ];
  const rows = classes.map((one) => [
    one.name,
    count(one.pictures),
    ...parts.map((part) => count(one.parts[part] ?? 0)),
    ...(isDamaged ? [count(one.unreadable)] : []),
  ]);
  return table(columns, rows);
}

function factLines({
  width,
  height,
  formats,
  channels,
  grey,
  normalization,
}: FolderReport): readonly string[] {
  const saved = (channels['grey'] ?? 0) + (channels['grey and alpha'] ?? 0);
  const colourless = grey - saved;
  const more = colourless > 0 ? `; ${counted(colourless, 'colour file')} with grey pixels only` : '';
  return [
    `width:     ${spread(width)}`,
    `height:    ${spread(height)}`,
    `formats:   ${counts(formats)}`,
    `channels:  ${counts(channels)}${more}`,
    `levels:    --normalize ${normalizationText(normalization.colour)} (colour)`,
    `           --normalize ${normalizationText(normalization.grey)} (grey)`,
  ];
}

function spread({ min, median, max }: Spread): string {
  if (min === max) return `${count(min)} pixels`;
  return `${count(min)} to ${count(max)} pixels, median ${count(median)}`;
}

function counts(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([name, number]) => `${count(number)} ${name}`)
    .join(', ');
}

function findingLines(report: FolderReport): readonly string[] {
  const { duplicates, unreadable, inkLost, classes, notes } = report;
  return [
    ...list(
      `unreadable: ${counted(unreadable.length, 'picture')}`,
      unreadable.map(({ error }) => error),
    ),
    ...list(`identical files: ${counted(duplicates.files.length, 'group')}`, duplicates.files.map(groupText)),
    ...list(
      `identical pixels: ${counted(duplicates.pixels.length, 'group')}`,
      duplicates.pixels.map(groupText),
    ),
    ...list(
      `blank over black, being ink on a transparent ground (try --invert): ${counted(inkLost.length, 'picture')}`,
      inkLost,
    ),
    ...notes,
    ...refusal(report),
    ...imbalance(classes),
  ];
}

function list(head: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - MOST;
  return [
    head,
    ...lines.slice(0, MOST).map((line) => `  ${line}`),
    ...(rest > 0 ? [`  and ${count(rest)} more; --json lists all`] : []),
  ];
}

/** A group, with what is wrong about it. */
export function groupText({ paths, acrossClasses, acrossParts }: DuplicateGroup): string {
  const wrong = [
    ...(acrossClasses ? ['in different classes: one of the labels is wrong'] : []),
    ...(acrossParts ? ['both trained on and held out'] : []),
  ];
  return `${paths.join(' = ')}${wrong.length > 0 ? ` (${wrong.join('; ')})` : ''}`;
}

/** Why a network cannot be trained on the folder as it is. */
function refusal({ classes, formats }: FolderReport): readonly string[] {
  if (formats['idx'] !== undefined) return []; // Whose classes are numbers, of which some may be missing.
  const [only, second] = classes;
  if (only !== undefined && second === undefined) {
    return [`not enough to train on: "${only.name}" is the only class; add a folder for each other class`];
  }
  const isDivided = classes.some(({ parts }) => parts.test !== undefined || parts.validation !== undefined);
  // Of each class, one is held out.
  const [needed, least] = isDivided ? (['training picture', 1] as const) : (['picture', 2] as const);
  const few = classes.filter(({ pictures, parts }) => (isDivided ? (parts.train ?? 0) : pictures) < least);
  const [first, ...others] = few;
  if (first === undefined) return [];
  const also = others.length === 0 ? '' : `, and ${counted(others.length, 'other class', 'other classes')}`;
  return [
    `not enough to train on: "${first.name}"${also}: each class needs at least ${counted(least, needed)}; add some or remove its folder`,
  ];
}

function imbalance(classes: FolderReport['classes']): readonly string[] {
  const sorted = classes.toSorted((a, b) => b.pictures - a.pictures);
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined || most.pictures < IMBALANCE * least.pictures) return [];
  const [many, few] = [counted(most.pictures, 'picture'), counted(least.pictures, 'picture')];
  return [
    `"${most.name}" has ${many}, "${least.name}" ${few}: accuracy hides the small classes; isonet evaluate prints the recall of each`,
  ];
}
