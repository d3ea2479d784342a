// isonet train MODEL, or isonet train --resume RUN: trains a network and saves it in a run folder.
import type {
  Collapse,
  PreparedRun,
  PrepareListener,
  RunFolder,
  RunRecord,
  TrainRequest,
} from '@isonet/runs';
import {
  backendLine,
  command,
  counted,
  prepareResumedRun,
  prepareRun,
  startEntry,
  trainRun,
  UsageError,
  weightsText,
} from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { hasColor, printError, printJson, printLine, printNote } from '../io.ts';
import { onnxLines } from '../show/onnxFile.ts';
import { pictureProgress } from '../show/pictureProgress.ts';
import { colors, count } from '../show/text.ts';
import { bestEpochLine, planLine, resumeLine, trainingView } from '../show/training.ts';
import { Stop } from '../stop.ts';

/** Options of {@link train}. */
export interface TrainOptions extends TrainRequest {
  readonly resume?: string;
  readonly exact?: boolean;
  readonly json?: boolean;
}

/**
 * Trains a new run, or resumes a stopped one.
 * @returns 0 for a finished run, 1 for one whose network has died or diverged; 128 + the signal number if a signal stopped it, 141 if
 *   the reader of the output closed the pipe
 */
export async function train(
  context: Context,
  modelName: string | undefined,
  options: TrainOptions,
): Promise<number> {
  const { io } = context;
  const { json = false } = options;
  const stop = new Stop(io);
  const run = await prepare(context, modelName, options);
  try {
    if (json) {
      const { event, ...entry } = startEntry(run);
      printJson(io, { event, run: run.folder.shown, ...entry });
    }
    const record = await trainPrepared(io, run, { json, stop });
    if (json) printJson(io, { event: 'end', run: run.folder.shown, ...record });
    else printOutcome(io, run.folder, record, stop);
    return exitCodeOf(io, run.folder, record, stop);
  } finally {
    stop.end();
    await run.data[Symbol.asyncDispose]();
    await run.opened.device[Symbol.asyncDispose]();
  }
}

/** Prepares a new run or a stopped one, and prints its first lines. */
async function prepare(
  context: Context,
  modelName: string | undefined,
  { resume, exact, json = false, ...request }: TrainOptions,
): Promise<PreparedRun> {
  const say = (line: string): void => (json ? undefined : printLine(context.io, line));
  const listener = prepareListener(context.io, json);
  if (resume !== undefined) {
    const onNote = (text: string): void => printNote(context.io, text);
    const resumed = { ...request, model: modelName, exact };
    const run = await prepareResumedRun(context, resume, resumed, { ...listener, onNote });
    if (json && run.planNote !== undefined) printNote(context.io, `note: ${run.planNote}`);
    say(resumeLine(run));
    return run;
  }
  if (exact) {
    throw new UsageError('--exact also needs --resume RUN: it compares with the run that is resumed');
  }
  if (modelName === undefined) {
    const names = context.models.map(({ name }) => name).join('|');
    throw new UsageError(
      `no model given: run isonet train ${names}, or isonet train FILE; to resume a run: isonet train --resume RUN`,
    );
  }
  const run = await prepareRun(context, modelName, request, listener);
  say(planLine(run));
  return run;
}

/** Returns a listener that prints the first lines of a run as they become known. */
export function prepareListener(io: Io, json: boolean): PrepareListener {
  const say = (line: string): void => (json ? undefined : printLine(io, line));
  return {
    onDevice: (opened) => say(backendLine(opened)),
    onFile: (file) => {
      for (const line of onnxLines(file)) say(line);
    },
    onPictures: pictureProgress(io),
    onData: ({ source, notes }) => {
      say(source.text);
      for (const note of notes) printNote(io, `note: ${note}`);
    },
    onWeights: (report) => {
      (json ? printNote : printLine)(io, `initial weights: ${weightsText(report)}`);
    },
  };
}

/** Settings of {@link trainPrepared}. */
interface TrainingSettings {
  readonly json: boolean;
  /** {@link trainPrepared} starts listening for signals; the caller stops listening after printing the outcome. */
  readonly stop: Stop;
  readonly maxSeconds?: number;
}

const STOPPING =
  'stopping after the current step to save the run; interrupt again to exit at once and lose the steps since the last save';

/** Trains until the end, a signal, `maxSeconds`, or until the output is closed. @returns the new content of run.json */
export async function trainPrepared(
  io: Io,
  run: PreparedRun,
  { json, stop, maxSeconds = Infinity }: TrainingSettings,
): Promise<RunRecord> {
  const { options, steps } = run.record;
  const view = trainingView(io, { json, epochs: options.epochs, stepsPerEpoch: steps / options.epochs });
  let isTraining = true;
  stop.listen(() => {
    if (isTraining) view.stopping(STOPPING);
  });
  try {
    return await trainRun(run, view, { signal: stop, maxSeconds });
  } finally {
    isTraining = false;
    view.close();
  }
}

const COLLAPSED: Readonly<Record<Collapse, string>> = {
  output:
    'the network has died: it returns the same output for every image; try a lower learning rate (--lr), another --seed, or --batch-norm',
  diverged:
    'training diverged: the network predicts the same class for every image, and its loss is worse than guessing; try a lower learning rate (--lr)',
  class:
    'so far, the network predicts the same class for every image; train longer, or try another learning rate (--lr)',
};

/** Returns the exit code of the command, and reports a useless network on stderr. */
export function exitCodeOf(io: Io, folder: RunFolder, record: RunRecord, stop: Stop): number {
  const isUseless = reportCollapse(io, folder, record);
  return stop.exitCode ?? (isUseless ? 1 : 0);
}

/** Warns on stderr if a network cannot tell images apart. @returns whether the run is useless: more training cannot help */
function reportCollapse(io: Io, { shown }: RunFolder, { collapse }: RunRecord): boolean {
  if (collapse === undefined) return false;
  const text = `${shown}: ${COLLAPSED[collapse]}`;
  // More epochs may help a network that predicts only one class, but they cannot revive a dead network.
  const isUseless = collapse !== 'class';
  if (isUseless) printError(io, text, colors(hasColor(io)).red);
  else printNote(io, `note: ${text}`);
  return isUseless;
}

/** Prints the outcome of a run and the next command; uses stderr if the output is closed. */
export function printOutcome(io: Io, folder: RunFolder, record: RunRecord, stop: Stop): void {
  const print = stop.outputIsOpen ? printLine : printNote;
  const { shown } = folder;
  const { status, step, steps } = record;
  const best = bestEpochLine(folder, record);
  if (best !== undefined) print(io, best);
  const done = `${count(step)} of ${counted(steps, 'step')}`;
  print(
    io,
    status === 'finished'
      ? `the run is in ${shown}; to test it: ${command`npx isonet evaluate ${shown}`}`
      : `the run in ${shown} stopped after ${done}; to resume it: ${command`npx isonet train --resume ${shown}`}`,
  );
}
