// Formats a benchmark as Markdown, in the style of Prettier, for docs and issues.
import type { BenchReport } from '@isonet/bench';
import { bytesText, describeScale, fewestRounds, intervalName, measurementTitle } from '@isonet/bench';
import { defined } from '@isonet/core';
import { counted } from '@isonet/runs';
import { missingText } from './benchTables.ts';
import type { Cells } from './benchTables.ts';
import { measurementCells, measurementNotes, scaleCells } from './benchTables.ts';
import { visible } from './visible.ts';
import { widthOf } from './width.ts';

/** Formats the machine, the date and the command, then a section per measurement, the scaling, and the missing candidates. */
export function benchMarkdown(report: BenchReport): string {
  const { isonet, date, command, machine, rounds, measurements, missing } = report;
  const { platform, processor, cores, memoryBytes, node } = machine;
  const fewest = fewestRounds(report) ?? rounds;
  const counts = fewest < rounds ? `${fewest} to ${rounds} rounds` : counted(rounds, 'round');
  const day = `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`;
  const blocks = [
    '# Benchmark',
    list([
      `machine: ${processor}, ${counted(cores, 'core')}, ${bytesText(memoryBytes)} of memory, ${platform}`,
      `versions: isonet ${isonet}, Node ${node}`,
      `date: ${day}`,
      `times: medians of ${counts} in which the candidates took turns, each with its ${intervalName(fewest)}`,
    ]),
    fenced(command),
    ...measurements.flatMap((measurement) => [
      `## ${escaped(measurementTitle(measurement))}`,
      markdownTable(measurementCells(measurement)),
      list(measurementNotes(measurement)),
    ]),
    ...describeScale(report).flatMap((scale) => [
      `## ${escaped(`${scale.title}, per image`)}`,
      markdownTable(scaleCells(scale)),
      ...(scale.sentences.length === 0 ? [] : [list(scale.sentences)]),
    ]),
    ...(missing.length === 0 ? [] : ['## Not measured', list(missing.map(missingText))]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${escaped(line)}`).join('\n');
}

/** Returns the text in a code fence that is longer than any run of backticks inside it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${visible(text)}\n${fence}`;
}

function markdownTable({ columns, rows }: Cells): string {
  const texts = [columns.map(({ head }) => head), ...rows].map((row) => row.map(escaped));
  const widths = columns.map((_, i) => Math.max(3, ...texts.map((row) => widthOf(cell(row, i)))));
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const padded = texts.map((row) =>
    line(
      columns.map(({ align }, i) => {
        const text = cell(row, i);
        const space = ' '.repeat(defined(widths[i], 'a width') - widthOf(text));
        return align === 'right' ? space + text : text + space;
      }),
    ),
  );
  const rule = line(
    columns.map(({ align }, i) => {
      const width = defined(widths[i], 'a width');
      return align === 'right' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width);
    }),
  );
  return [padded[0], rule, ...padded.slice(1)].join('\n');
}

function cell(row: readonly string[], i: number): string {
  return defined(row[i], 'a cell');
}

/** Escapes Markdown syntax and invisible characters. An _ inside a word is not syntax. */
function escaped(text: string): string {
  return visible(text)
    .replaceAll(/[\\`*|<>]|(?<!\w)_|_(?!\w)/g, String.raw`\$&`)
    .replaceAll('&', '&amp;');
}
