// Formats the report on an image folder as lines of text.
import type { DuplicateGroup, FolderReport, Spread } from '@isonet/data';
import { normalizationText } from '@isonet/data';
import { counted } from '@isonet/runs';
import type { Column } from './table.ts';
import { table } from './table.ts';
import { count } from './text.ts';

/** The length at which lists are cut; the JSON has all entries. */
const MOST = 10;
/** The report mentions an imbalance if the largest class is at least this many times the size of the smallest. */
const IMBALANCE = 3;

/** The sections of a report. */
export interface FolderLines {
  readonly headline: string;
  readonly table: readonly string[];
  /** Sizes, formats, levels. */
  readonly facts: readonly string[];
  /** Problems and oddities. */
  readonly findings: readonly string[];
}

/** Formats a report. */
export function folderLines(report: FolderReport): FolderLines {
  const { folder, pictures, classes } = report;
  return {
    headline: `data: ${counted(pictures, 'image')} of ${counted(classes.length, 'class', 'classes')} in ${folder}`,
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
    ...['images', ...parts, ...(isDamaged ? ['unreadable'] : [])].map(
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
  const more = colourless > 0 ? `; ${counted(colourless, 'colour file')} with only grey pixels` : '';
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

function counts(byName: Readonly<Record<string, number>>): string {
  return Object.entries(byName)
    .map(([name, n]) => `${count(n)} ${name}`)
    .join(', ');
}

function findingLines(report: FolderReport): readonly string[] {
  const { duplicates, unreadable, inkLost, classes, notes } = report;
  return [
    ...list(
      `unreadable: ${counted(unreadable.length, 'image')}`,
      unreadable.map(({ error }) => error),
    ),
    ...list(`identical files: ${counted(duplicates.files.length, 'group')}`, duplicates.files.map(groupText)),
    ...list(
      `identical pixels: ${counted(duplicates.pixels.length, 'group')}`,
      duplicates.pixels.map(groupText),
    ),
    ...list(
      `dark ink on transparent pixels, blank on a black background (try --invert): ${counted(inkLost.length, 'image')}`,
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

/** Formats a group of duplicates, with its problems. */
export function groupText({ paths, acrossClasses, acrossParts }: DuplicateGroup): string {
  const wrong = [
    ...(acrossClasses ? ['in different classes: one of the labels is wrong'] : []),
    ...(acrossParts ? ['in both the training and a held-out part'] : []),
  ];
  return `${paths.join(' = ')}${wrong.length > 0 ? ` (${wrong.join('; ')})` : ''}`;
}

/** Explains why a network cannot be trained on the folder. */
function refusal({ classes, formats }: FolderReport): readonly string[] {
  if (formats['idx'] !== undefined) return []; // The classes of IDX files are numbers, and some may have no images.
  const [only, second] = classes;
  if (only !== undefined && second === undefined) {
    return [`not enough to train on: "${only.name}" is the only class; add a folder for each other class`];
  }
  const isDivided = classes.some(({ parts }) => parts.test !== undefined || parts.validation !== undefined);
  // If the folder is not divided into parts, one image of each class is held out.
  const [needed, least] = isDivided ? (['training image', 1] as const) : (['image', 2] as const);
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
  const [many, few] = [counted(most.pictures, 'image'), counted(least.pictures, 'image')];
  return [
    `"${most.name}" has ${many}, "${least.name}" has ${few}: accuracy hides errors in small classes; isonet evaluate prints the recall of each class`,
  ];
}
