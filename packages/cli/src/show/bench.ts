// A benchmark on a terminal: a table per measurement, how cost scales, what was not measured; and what changed since another.
import type { BenchReport, Comparison, Measurement } from '@isonet/bench';
import { describeScale, measurementTitle } from '@isonet/bench';
import { counted } from '@isonet/runs';
import type { Cells } from './benchTables.ts';
import {
  comparisonCells,
  measurementCells,
  measurementNotes,
  missingText,
  scaleCells,
} from './benchTables.ts';
import type { Cell } from './table.ts';
import { table } from './table.ts';
import type { Colors } from './text.ts';
import { visible } from './visible.ts';
import { widthOf } from './width.ts';

/** Where the lines are shown. */
export interface BenchLook {
  readonly colors: Colors;
  /** Of the terminal. */
  readonly columns: number;
}

/** All that a report says, as lines for `printStyled`. */
export function benchLines(report: BenchReport, look: BenchLook): readonly string[] {
  const blocks = [
    ...report.measurements.map((measurement) => measurementLines(measurement, look)),
    ...describeScale(report).map((scale) => [
      look.colors.bold(visible(`${scale.title}, per image`)),
      ...narrowed(scaleCells(scale), look),
      ...scale.sentences.map(visible),
    ]),
    report.missing.map((missing) => visible(`not measured: ${missingText(missing)}`)),
  ];
  return separated(blocks);
}

function measurementLines(measurement: Measurement, look: BenchLook): readonly string[] {
  const cells = measurementCells(measurement);
  const fits = widest(laidOut(cells)) <= look.columns;
  return [
    look.colors.bold(visible(measurementTitle(measurement))),
    ...narrowed(fits ? cells : withoutLast(cells), look),
    ...(fits ? [] : measurement.candidates.map(({ name, text }) => visible(`${name}: ${text}`))),
    ...measurementNotes(measurement).map((note) => look.colors.dim(visible(note))),
  ];
}

/** What a comparison found, as lines for `printStyled`. What became slower is an error of the command: exit code 1. */
export function compareLines(comparison: Comparison, look: BenchLook): readonly string[] {
  const { measurements, onlyBefore, onlyAfter, warnings } = comparison;
  const { bold, yellow } = look.colors;
  const changes = measurements.flatMap(({ candidates }) => candidates.map(({ change }) => change));
  const numberOf = (wanted: string): number => changes.filter((change) => change === wanted).length;
  const summary =
    changes.length === 0
      ? 'nothing to compare: the reports have no measurement and candidate in common'
      : `${counted(changes.length, 'comparison')}: ${numberOf('slower')} slower, ${numberOf('faster')} faster, ${numberOf('same')} without a difference beyond the intervals`;
  return separated([
    warnings.map((warning) => yellow(visible(`warning: ${warning}`))),
    ...measurements.map((measurement) => [
      bold(visible(measurement.title)),
      ...narrowed(comparisonCells(measurement, look.colors), look),
    ]),
    [
      ...onlyBefore.map((place) => visible(`only before: ${place}`)),
      ...onlyAfter.map((place) => visible(`only now: ${place}`)),
    ],
    [summary],
  ]);
}

/** The cells as one table; where the terminal is too narrow, as several with the same first column. */
function narrowed(cells: Cells<Cell>, { colors, columns }: BenchLook): readonly string[] {
  const parts: Cells<Cell>[] = [];
  let from = 1;
  while (from < cells.columns.length) {
    let to = cells.columns.length;
    while (to > from + 1 && widest(laidOut(columnsOf(cells, from, to))) > columns) to--;
    parts.push(columnsOf(cells, from, to));
    from = to;
  }
  return parts.flatMap((part) => laidOut(part).map((line, i) => (i === 0 ? colors.dim(line) : line)));
}

/** The first column, and those from `from` to before `to`. */
function columnsOf<C extends Cell>({ columns, rows }: Cells<C>, from: number, to: number): Cells<C> {
  const some = <T>(list: readonly T[]): readonly T[] => [...list.slice(0, 1), ...list.slice(from, to)];
  return { columns: some(columns), rows: rows.map((row) => some(row)) };
}

function withoutLast(cells: Cells): Cells {
  return columnsOf(cells, 1, cells.columns.length - 1);
}

function laidOut({ columns, rows }: Cells<Cell>): readonly string[] {
  return table(columns, rows);
}

function widest(lines: readonly string[]): number {
  return Math.max(...lines.map(widthOf));
}

/** The blocks that say something, with an empty line between each two. */
function separated(blocks: readonly (readonly string[])[]): readonly string[] {
  return blocks.filter((block) => block.length > 0).flatMap((block, i) => (i === 0 ? block : ['', ...block]));
}
