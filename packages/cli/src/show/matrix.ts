// What runs of the conformance suite found: a matrix of ops and devices, what is wrong and what is excused, and the scores.
import type { Report, Tally } from '@isonet/conformance';
import { statusTexts, worstText } from '@isonet/conformance';
import type { Io } from '../io.ts';
import { hasColor, printLine } from '../io.ts';
import { errorLine } from '../usage.ts';
import { checksText } from './conformance.ts';
import { table } from './table.ts';
import type { Colors } from './text.ts';
import { colors, count, percent } from './text.ts';

/** Of many, what is listed; the page of HTML and the JSON have all. */
const MOST_LISTED = 20;
/** An error of a library may quote a whole graph. */
const LONGEST_LINE = 240;

export function printReports(io: Io, reports: readonly Report[]): void {
  const paint = colors(hasColor(io));
  const { bold, dim } = paint;
  printLine(io);
  printLine(io, dim('Passed / all natively, passed / all decomposed, worst error / its bound;'));
  printLine(io, dim('! something is wrong there, - there is no such check.'));
  for (const some of sideBySide(reports, io.columns)) {
    printLine(io);
    const [head = '', ...lines] = matrix(some, paint);
    printLine(io, bold(head));
    for (const line of lines) printLine(io, line);
  }
  printList(io, 'Unexpected:', wrongLines(reports, paint));
  printList(io, 'Excused:', excusedLines(reports));
  printLine(io);
  const [head = '', ...lines] = scores(reports);
  printLine(io, bold(head));
  for (const line of lines) printLine(io, line);
}

/** In as few groups as fit the terminal, all of about one size. */
function sideBySide(reports: readonly Report[], columns: number): readonly (readonly Report[])[] {
  const plain = colors(false);
  const fits = (some: readonly Report[]): boolean =>
    matrix(some, plain).every((line) => line.length <= columns);
  for (let groups = 1; groups < reports.length; groups++) {
    const size = Math.ceil(reports.length / groups);
    const split = Array.from({ length: Math.ceil(reports.length / size) }, (_, i) =>
      reports.slice(i * size, (i + 1) * size),
    );
    if (split.every(fits)) return split;
  }
  return reports.map((report) => [report]);
}

/** One row per op, one column per device, the heads first. */
function matrix(reports: readonly Report[], paint: Colors): readonly string[] {
  const subjects = [...new Set(reports.flatMap(({ rows }) => rows.map(({ subject }) => subject)))];
  const columns = reports.map((report) => {
    const rows = new Map(report.rows.map((row) => [row.subject, row]));
    const parts = subjects.map((subject) => {
      const row = rows.get(subject);
      return row ? [share(row.native), share(row.decomposed), worstOf([row.native, row.decomposed])] : [];
    });
    const width = (part: number): number => Math.max(...parts.map((cell) => cell[part]?.length ?? 0));
    const widths = [width(0), width(1)];
    return parts.map((cell) => {
      const text = cell.map((part, i) => part.padEnd(widths[i] ?? 0)).join(' ');
      return text.includes('!') ? paint.red(text) : text;
    });
  });
  const heads = ['op', ...reports.map(({ name }) => name)].map((head) => ({ head }));
  return table(
    heads,
    subjects.map((subject, i) => [subject, ...columns.map((column) => column[i] ?? '-')]),
  );
}

/** `12/14`, `12/14!` */
function share({ passed, all, failed, mended }: Tally): string {
  return all === 0 ? '-' : `${passed}/${all}${failed + mended > 0 ? '!' : ''}`;
}

/** `-` where nothing was judged. */
function worstOf(tallies: readonly Tally[]): string {
  const judged = tallies.some(({ all, unsupported, leftOut }) => all > unsupported + leftOut);
  const worst = Math.max(...tallies.map((tally) => tally.worst ?? Infinity));
  return judged ? worstText(Number.isFinite(worst) ? worst : null) : '-';
}

function wrongLines(reports: readonly Report[], { red }: Colors): readonly string[] {
  return reports.flatMap(({ name, wrong }) =>
    wrong.map(({ key, failures }) => {
      const [first = 'failed, without a reason', ...others] = failures;
      const more = others.length > 0 ? ` (and ${others.length} more)` : '';
      return `${red(name)} ${key}: ${cut(first)}${more}`;
    }),
  );
}

/** One line per device and reason. */
function excusedLines(reports: readonly Report[]): readonly string[] {
  return reports.flatMap(({ name, excused }) => {
    const groups = new Map<string, string[]>();
    for (const { key, status, reason = '' } of excused) {
      const text = statusTexts.find(([known]) => known === status)?.[1] ?? status;
      const group = `${text}: ${cut(reason)}`;
      groups.set(group, [...(groups.get(group) ?? []), key]);
    }
    return [...groups].map(([group, keys]) => {
      const [only = ''] = keys;
      return `${name} ${keys.length === 1 ? only : checksText(keys.length)}, ${group}`;
    });
  });
}

function printList(io: Io, head: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  printLine(io);
  printLine(io, head);
  for (const line of lines.slice(0, MOST_LISTED)) printLine(io, `  ${line}`);
  const rest = lines.length - MOST_LISTED;
  if (rest > 0) printLine(io, `  and ${count(rest)} more: --html or --json has them all`);
}

function cut(text: string): string {
  const line = errorLine(text);
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}

/** Two rows per device; of the counts, those that are anywhere above 0. */
function scores(reports: readonly Report[]): readonly string[] {
  const tallies = reports.flatMap(({ native, decomposed }) => [native, decomposed]);
  const shown = statusTexts.filter(
    ([status]) => status === 'passed' || tallies.some((tally) => tally[status] > 0),
  );
  const heads = [
    { head: 'score' },
    { head: 'device' },
    { head: 'form' },
    ...[...shown.map(([, text]) => text), 'of'].map((head) => ({ head, align: 'right' as const })),
  ];
  const numbers = (tally: Tally): readonly string[] => [
    ...shown.map(([status]) => count(tally[status])),
    count(tally.all),
  ];
  const rows = reports.flatMap(({ name, score, native, decomposed }) => [
    [percent(score), name, 'native', ...numbers(native)],
    ['', '', 'decomposed', ...numbers(decomposed)],
  ]);
  return table(heads, rows);
}
