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
import type { Io, OutputWatch } from '../io.ts';
import { hasColor, printJson, printLine, printNote, STOPPED, watchOutput } from '../io.ts';
import { colors, count } from '../show/text.ts';
import { bestEpochLine, planLine, resumeLine, trainingView } from '../show/training.ts';

/** Options of {@link train}. */
export interface TrainOptions extends TrainRequest {
  readonly resume?: string;
  readonly exact?: boolean;
  readonly json?: boolean;
}

/**
 * Trains a new run, or goes on with a stopped one.
 * @returns 0 for a finished run, 1 for one whose network has died or diverged, 130 for an interrupted one, 141 for one that was
 *   stopped because its output was closed
 */
export async function train(
  context: Context,
  modelName: string | undefined,
  options: TrainOptions,
): Promise<number> {
  const { io } = context;
  const { json = false } = options;
  const output = watchOutput(io);
  const run = await prepare(context, modelName, options);
  try {
    if (json) {
      const { event, ...entry } = startEntry(run);
      printJson(io, { event, run: run.folder.shown, ...entry });
    }
    const { record } = await trainPrepared(io, run, { json, output });
    if (json) printJson(io, { event: 'end', run: run.folder.shown, ...record });
    else printOutcome(io, run.folder, record);
    const isUseless = reportCollapse(io, run.folder, record);
    if (record.status !== 'finished') return output.closed ? STOPPED.closedOutput : STOPPED.interrupted;
    return isUseless ? 1 : 0;
  } finally {
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
  const listener: PrepareListener = {
    onDevice: (opened) => say(backendLine(opened)),
    onData: ({ text }) => say(text),
    onWeights: (report) => {
      (json ? printNote : printLine)(context.io, `initial weights: ${weightsText(report)}`);
    },
  };
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

/** What {@link trainPrepared} needs to know beside the run. */
interface TrainingSettings {
  readonly json: boolean;
  readonly output: OutputWatch;
  readonly maxSeconds?: number;
}

/** How a training ended. */
export interface TrainingOutcome {
  /** What run.json says now. */
  readonly record: RunRecord;
  /** Stopped by the user, or because the output was closed; not by `maxSeconds`. */
  readonly interrupted: boolean;
}

/** Trains until the end, an interrupt, `maxSeconds`, or until the output is closed. */
export async function trainPrepared(
  io: Io,
  run: PreparedRun,
  { json, output, maxSeconds = Infinity }: TrainingSettings,
): Promise<TrainingOutcome> {
  const { options, steps } = run.record;
  const view = trainingView(io, { json, epochs: options.epochs, stepsPerEpoch: steps / options.epochs });
  let interrupted = false;
  const signal = {
    get aborted() {
      return interrupted || output.closed;
    },
  };
  const stopListening = io.onInterrupt(() => {
    interrupted = true;
    view.note(
      'stopping after the step in hand, to save; interrupt again to leave at once and lose the steps since the last save',
    );
  });
  try {
    const record = await trainRun(run, view, { signal, maxSeconds });
    return { record, interrupted: signal.aborted };
  } finally {
    stopListening();
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

/** Warns on stderr when a network cannot tell images apart. @returns whether the run is useless: more training cannot help */
function reportCollapse(io: Io, { shown }: RunFolder, { collapse }: RunRecord): boolean {
  if (collapse === undefined) return false;
  const text = `${shown}: ${COLLAPSED[collapse]}`;
  // More epochs may teach a network that predicts one class; they do not revive a dead one.
  const isUseless = collapse !== 'class';
  printNote(io, isUseless ? `${colors(hasColor(io)).red('error:')} ${text}` : `note: ${text}`);
  return isUseless;
}

/** Prints what became of a run, and what can be done with it. */
export function printOutcome(io: Io, folder: RunFolder, record: RunRecord): void {
  const { shown } = folder;
  const { status, step, steps } = record;
  const best = bestEpochLine(folder, record);
  if (best !== undefined) printLine(io, best);
  const done = `${count(step)} of ${counted(steps, 'step')}`;
  printLine(
    io,
    status === 'finished'
      ? `${shown} holds the run; to test it: ${command`npx isonet evaluate ${shown}`}`
      : `${shown} holds the run, stopped after ${done}; to resume it: ${command`npx isonet train --resume ${shown}`}`,
  );
}
