// Formats a benchmark for the terminal: a table per measurement, the scaling, the missing candidates, and a comparison of two reports.
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

/** The colours and the width of the terminal. */
export interface BenchLook {
  readonly colors: Colors;
  /** The width of the terminal. */
  readonly columns: number;
}

/** Formats a report as lines for `printStyled`. */
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

/** Formats a comparison as lines for `printStyled`. */
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

/** Lays out the cells as one table or, on a narrow terminal, as several tables with the same first column. */
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

/** Returns the first column, and the columns from `from` up to but not including `to`. */
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

/** Joins the blocks that are not empty, with an empty line between them. */
function separated(blocks: readonly (readonly string[])[]): readonly string[] {
  return blocks.filter((block) => block.length > 0).flatMap((block, i) => (i === 0 ? block : ['', ...block]));
}
