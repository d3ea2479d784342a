// isonet train MODEL, or isonet train --resume RUN.
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
 * Trains a new run, or goes on with a stopped one.
 * @returns 0 for a finished run, 1 for one whose network has died or diverged; 128 and its number where a signal came, 141 where
 *   the reader of the output left
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

/** A new run, or a stopped one; prints its first lines. */
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
    throw new UsageError('--exact compares with the run that is resumed: it also needs --resume RUN');
  }
  if (modelName === undefined) {
    const names = context.models.map(({ name }) => name).join('|');
    throw new UsageError(
      `which model? isonet train ${names}, or the file of your own; to resume a run: isonet train --resume RUN`,
    );
  }
  const run = await prepareRun(context, modelName, request, listener);
  say(planLine(run));
  return run;
}

/** Prints the first lines of a run, as they become known. */
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

/** What {@link trainPrepared} needs to know beside the run. */
interface TrainingSettings {
  readonly json: boolean;
  /** Listens to signals from here on, until the caller ends it: the outcome is still to be printed. */
  readonly stop: Stop;
  readonly maxSeconds?: number;
}

const STOPPING =
  'stopping after the step in hand, to save; interrupt again to leave at once and lose the steps since the last save';

/** Trains until the end, a signal, `maxSeconds`, or until the output is closed. @returns what run.json says now */
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
    'the network has died: it gives the same output for every image; try a lower learning rate (--lr), another --seed, or --batch-norm',
  diverged:
    'the training diverged: the network predicts the same class for every image, and its loss is worse than that of guessing; try a lower learning rate (--lr)',
  class:
    'so far, the network predicts the same class for every image; train longer, or try another learning rate (--lr)',
};

/** What the command ends with; says on stderr what is wrong with the network. */
export function exitCodeOf(io: Io, folder: RunFolder, record: RunRecord, stop: Stop): number {
  const isUseless = reportCollapse(io, folder, record);
  return stop.exitCode ?? (isUseless ? 1 : 0);
}

/** Warns on stderr when a network cannot tell images apart. @returns whether the run is useless: more training cannot help */
function reportCollapse(io: Io, { shown }: RunFolder, { collapse }: RunRecord): boolean {
  if (collapse === undefined) return false;
  const text = `${shown}: ${COLLAPSED[collapse]}`;
  // More epochs may teach a network that predicts one class; they do not revive a dead one.
  const isUseless = collapse !== 'class';
  if (isUseless) printError(io, text, colors(hasColor(io)).red);
  else printNote(io, `note: ${text}`);
  return isUseless;
}

/** Prints what became of a run, and what can be done with it: on stderr where nothing else arrives. */
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
      ? `${shown} holds the run; to test it: ${command`npx isonet evaluate ${shown}`}`
      : `${shown} holds the run, stopped after ${done}; to resume it: ${command`npx isonet train --resume ${shown}`}`,
  );
}
