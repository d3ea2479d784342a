// Prints the results of the conformance suite: a matrix of ops and devices, unexpected and excused checks, and the two scores.
import type { Report, Tally } from '@isonet/conformance';
import { statuses, statusTexts, worstText } from '@isonet/conformance';
import { defined } from '@isonet/core';
import { counted } from '@isonet/runs';
import type { Io } from '../io.ts';
import { hasColor, printLine, printStyled } from '../io.ts';
import { errorLine } from '../usage.ts';
import { countOf } from './counts.ts';
import type { Cell } from './table.ts';
import { table } from './table.ts';
import type { Colors } from './text.ts';
import { colors, count, shareText } from './text.ts';
import { visible } from './visible.ts';
import { widthOf } from './width.ts';

/** The length at which lists are cut; the HTML page and the JSON have all entries. */
const MOST_LISTED = 20;
/** Longer lines are cut: an error of a library may quote a whole graph. */
const LONGEST_LINE = 240;

/** Prints the reports of all devices: the matrix of ops, the unexpected and the excused checks, and the scores. */
export function printReports(io: Io, reports: readonly Report[]): void {
  const paint = colors(hasColor(io));
  const { bold, dim } = paint;
  printLine(io);
  printStyled(
    io,
    dim('Each cell: passed/all natively, passed/all decomposed, worst error in units of its bound;'),
  );
  printStyled(io, dim('! marks unexpected results, - means no checks.'));
  for (const some of sideBySide(reports, io.columns)) {
    printLine(io);
    matrix(some, paint).forEach((line, i) => printStyled(io, i === 0 ? bold(line) : line));
  }
  printList(io, 'Unexpected:', wrongLines(reports, paint));
  printList(io, 'Excused:', excusedLines(reports).map(visible));
  printLine(io);
  scores(reports).forEach((line, i) => printStyled(io, i === 0 ? bold(line) : line));
  printLine(io);
  printStyled(io, dim('Conformance: the share of applicable checks that passed.'));
  printStyled(
    io,
    dim('Native coverage: composite ops with a native kernel; the others run decomposed into primitives.'),
  );
}

/** Splits the reports into as few groups as fit the terminal, of about the same size. */
function sideBySide(reports: readonly Report[], columns: number): readonly (readonly Report[])[] {
  const plain = colors(false);
  const fits = (some: readonly Report[]): boolean =>
    matrix(some, plain).every((line) => widthOf(line) <= columns);
  for (let groups = 1; groups < reports.length; groups++) {
    const size = Math.ceil(reports.length / groups);
    const split = Array.from({ length: Math.ceil(reports.length / size) }, (_, i) =>
      reports.slice(i * size, (i + 1) * size),
    );
    if (split.every(fits)) return split;
  }
  return reports.map((report) => [report]);
}

/** Formats a row per op and a column per device, below a header row. */
function matrix(reports: readonly Report[], paint: Colors): readonly string[] {
  const groups = [...new Set(reports.flatMap(({ rows }) => rows.map(({ group }) => group)))];
  const columns = reports.map((report) => column(report, groups, paint));
  const heads = ['op', ...reports.map(({ name }) => name)].map((head) => ({ head }));
  const row = (i: number): readonly Cell[] => columns.map((cells) => defined(cells[i], `row ${i}`));
  return table(
    heads,
    groups.map((group, i) => [group, ...row(i)]),
  );
}

/** Builds a cell per group: `12/14 3/3! 0.50`. */
function column({ rows }: Report, groups: readonly string[], paint: Colors): readonly Cell[] {
  const parts = rows.map(({ group, native, decomposed }) => ({
    group,
    native: share(native),
    decomposed: share(decomposed),
    worst: worstOf([native, decomposed]),
  }));
  const [left, middle] = [
    Math.max(...parts.map(({ native }) => native.length)),
    Math.max(...parts.map(({ decomposed }) => decomposed.length)),
  ];
  return groups.map((group) => {
    const part = parts.find((one) => one.group === group);
    if (!part) return '';
    const text = `${part.native.padEnd(left)} ${part.decomposed.padEnd(middle)} ${part.worst}`;
    return text.includes('!') ? { text, paint: paint.red } : text;
  });
}

/** Formats a tally: `12/14`, or `12/14!` with an unexpected result. */
function share({ passed, all, failed, refused, unexpectedPass }: Tally): string {
  return all === 0 ? '-' : `${passed}/${all}${failed + refused + unexpectedPass > 0 ? '!' : ''}`;
}

/** Formats the worst error relative to its bound; `-` if no check ran. */
function worstOf(tallies: readonly Tally[]): string {
  const judged = tallies.some(({ all, refused, skipped }) => all > refused + skipped);
  const worst = Math.max(...tallies.map((tally) => (tally.worst === null ? Infinity : tally.worst)));
  return judged ? worstText(Number.isFinite(worst) ? worst : null) : '-';
}

/** Formats the unexpected checks, with colours. */
function wrongLines(reports: readonly Report[], { red }: Colors): readonly string[] {
  return reports.flatMap(({ name, wrong }) =>
    wrong.map(({ key, status, failures }) => {
      const [first = 'failed, without a reason', ...others] = failures;
      const more = others.length > 0 ? ` (and ${others.length} more)` : '';
      return `${red(visible(name))} ${visible(`${key}: ${status === 'refused' ? 'refused: ' : ''}${cut(first)}${more}`)}`;
    }),
  );
}

/** Formats the excused checks, one line per device and reason. */
function excusedLines(reports: readonly Report[]): readonly string[] {
  return reports.flatMap(({ name, excused }) => {
    const groups = new Map<string, string[]>();
    for (const { key, status, reason } of excused) {
      const text = statusTexts[status];
      const group = reason === undefined ? text : `${text}: ${cut(reason)}`;
      const keys = groups.get(group);
      if (keys) keys.push(key);
      else groups.set(group, [key]);
    }
    return [...groups].map(
      ([group, keys]) =>
        `${name} ${keys.length === 1 ? keys.join() : counted(keys.length, 'check')}, ${group}`,
    );
  });
}

/** Prints a list under a heading. @param lines styled, for {@link printStyled} */
function printList(io: Io, head: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  printLine(io);
  printLine(io, head);
  for (const line of lines.slice(0, MOST_LISTED)) printStyled(io, `  ${line}`);
  const rest = lines.length - MOST_LISTED;
  if (rest > 0) printLine(io, `  and ${count(rest)} more: --html or --json lists them all`);
}

function cut(text: string): string {
  const line = errorLine(text);
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}

/** Formats a row per device. Omits counts that are 0 for all devices. */
function scores(reports: readonly Report[]): readonly string[] {
  const shown = statuses.filter(
    (status) => status === 'passed' || reports.some((report) => countOf(report, status) > 0),
  );
  const heads = [
    { head: 'device' },
    ...['conformance', ...shown.map((status) => statusTexts[status]), 'native coverage'].map((head) => ({
      head,
      align: 'right' as const,
    })),
  ];
  const rows = reports.map((report) => [
    report.name,
    shareText(report.conformance),
    ...shown.map((status) => count(countOf(report, status))),
    `${count(report.nativeCoverage.count)} of ${count(report.nativeCoverage.of)}`,
  ]);
  return table(heads, rows);
}
