// isonet bench MODEL...: times training steps and forward passes on isonet's devices and in other libraries, which take turns.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchOptions as Request, BenchReport, Comparison } from '@isonet/bench';
import {
  checkPlotter,
  compareReports,
  isQuiet,
  measurementTitle,
  plotReport,
  readReport,
  runBench,
} from '@isonet/bench';
import { DataError } from '@isonet/core';
import { checkWritable, replaceFile, UsageError, writeNewFile } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { hasColor, printJson, printLine, printNote, printStyled } from '../io.ts';
import { benchLines, compareLines } from '../show/bench.ts';
import { benchMarkdown } from '../show/benchMarkdown.ts';
import { measurementNotes } from '../show/benchTables.ts';
import { benchView } from '../show/benchView.ts';
import { colors } from '../show/text.ts';
import { Stop, writingWhole } from '../stop.ts';

/** Options of {@link bench}. */
export interface BenchOptions extends Omit<Request, 'models'> {
  readonly json?: boolean;
  /** A file for the report as JSON. */
  readonly out?: string;
  /** A file for the report as Markdown. */
  readonly markdown?: string;
  /** A file for the report as SVG. */
  readonly plot?: string;
  /** The file of an older report. */
  readonly compare?: string;
}

/** The command that serves isonet's own candidates. It runs from source if the command line does. */
const CANDIDATE: readonly string[] = [
  process.execPath,
  ...process.execArgv,
  fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../candidate.ts' : '../candidate.js', import.meta.url),
  ),
];

/**
 * Measures networks.
 * @returns 1 if a candidate failed, one has become slower than in the older report, or the older report has nothing to compare with;
 *   128 + the signal number if a signal stopped it, 141 if the reader of the output closed the pipe
 */
export async function bench(
  context: Context,
  models: readonly string[],
  options: BenchOptions,
): Promise<number> {
  const { io, candidate = CANDIDATE } = context;
  const { json = false, out, markdown, plot, compare, ...request } = options;
  const stop = new Stop(io);
  const { force = false } = request;
  const files = await filesOf(io, { out, markdown, plot, force });
  const before = compare === undefined ? undefined : await readReport(resolve(io.cwd, compare));
  if (plot !== undefined) await checkPlotter();

  const view = benchView(io, { json });
  stop.listen(() => view.stopping('stopping after the current turn; interrupt again to exit at once'));
  const { report, failed } = await runBench(
    { ...context, candidate },
    { models, ...request },
    { signal: stop, onProgress: (progress) => view.progress(progress) },
  ).finally(() => {
    view.close();
    stop.end();
  });

  const look = { colors: colors(hasColor(io) && !json), columns: io.columns };
  if (json) {
    printJson(io, report);
    for (const note of loadNotes(report)) printNote(io, note);
  } else {
    for (const line of benchLines(report, look)) printStyled(io, line);
  }
  const comparison = before && compareReports(before, report);
  if (comparison) {
    // With --json, stdout has only JSON.
    for (const line of compareLines(comparison, look)) {
      if (json) printNote(io, line);
      else printStyled(io, line);
    }
  }
  const late = await save(io, files, report, { json });
  return stop.exitCode ?? late ?? (failed || (comparison && !isAsFast(comparison)) ? 1 : 0);
}

/** Returns whether the reports have measurements in common, and nothing has become slower. */
function isAsFast({ measurements, hasSlower }: Comparison): boolean {
  return measurements.length > 0 && !hasSlower;
}

/** The files that the user names for the report. */
interface OutputNames {
  readonly out: string | undefined;
  readonly markdown: string | undefined;
  readonly plot: string | undefined;
}

/** A file to write the report to. */
interface OutputFile {
  readonly path: string;
  /** The path as the user typed it. */
  readonly given: string;
  readonly force: boolean;
  /** Its description for the user. */
  readonly text: string;
  readonly content: (report: BenchReport) => string | Promise<string>;
}

/** Lists the files to write. Checks that they can be written, before the command spends minutes on the report. */
async function filesOf(
  io: Io,
  { out, markdown, plot, force }: OutputNames & { readonly force: boolean },
): Promise<readonly OutputFile[]> {
  const file = (
    given: string | undefined,
    text: string,
    content: OutputFile['content'],
  ): readonly OutputFile[] =>
    given === undefined ? [] : [{ path: resolve(io.cwd, given), given, force, text, content }];
  const files = [
    ...file(
      out,
      'the report: pass it to --compare later',
      (report) => `${JSON.stringify(report, undefined, 2)}\n`,
    ),
    ...file(markdown, 'the report as Markdown: paste it into docs or issues', benchMarkdown),
    ...file(plot, 'the plot of the report: open it in a browser', plotReport),
  ];
  if (new Set(files.map(({ path }) => path)).size < files.length) {
    throw new UsageError('two of --out, --markdown and --plot name the same file: use different files');
  }
  for (const { path, given } of files) {
    const existing = await stat(path).catch(() => undefined);
    if (existing && !force) {
      throw new DataError('FILE_EXISTS', `"${given}" already exists: choose another file, or pass --force`);
    }
    await checkWritable(path, given);
  }
  return files;
}

/** Writes the files, one after the other. @returns the exit code of a signal that arrived meanwhile */
async function save(
  io: Io,
  files: readonly OutputFile[],
  report: BenchReport,
  { json }: { readonly json: boolean },
): Promise<number | undefined> {
  let stopped: number | undefined;
  for (const { path, given, force, text, content } of files) {
    if (report.measurements.length === 0) {
      printNote(io, `nothing was measured: ${given} is not written`);
      continue;
    }
    const write = force ? replaceFile : writeNewFile;
    const late = await writingWhole(io, given, async () => write(path, await content(report), given));
    stopped ??= late;
    if (!json) printLine(io, `${given} is ${text}`);
  }
  return stopped;
}

/** Explains why there are no ratios: the JSON has only the load of other processes. */
function loadNotes({ measurements }: BenchReport): readonly string[] {
  return measurements.flatMap((measurement) => {
    const { othersShare, candidates } = measurement;
    const hasRatio = candidates.some(({ ratio }) => ratio !== undefined);
    if (isQuiet(othersShare) || hasRatio || candidates.length < 2) return [];
    return measurementNotes(measurement).map((note) => `${measurementTitle(measurement)}: ${note}`);
  });
}
