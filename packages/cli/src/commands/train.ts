// isonet train MODEL, or isonet train --resume RUN.
import type { PreparedRun, PrepareListener, RunFolder, RunRecord, TrainRequest } from '@isonet/runs';
import { backendLine, prepareResumedRun, prepareRun, trainRun, UsageError } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { printJson, printLine, printNote } from '../io.ts';
import { count } from '../show/text.ts';
import { planLine, resumeLine, trainingView } from '../show/training.ts';

export interface TrainOptions extends TrainRequest {
  readonly resume?: string;
  readonly exact?: boolean;
  readonly json?: boolean;
}

export async function train(
  context: Context,
  modelName: string | undefined,
  options: TrainOptions,
): Promise<number> {
  const { io } = context;
  const { json = false } = options;
  const run = await prepare(context, modelName, options);
  try {
    const { record } = await trainPrepared(io, run, { json });
    if (json) printJson(io, { run: run.folder.shown, ...record });
    else printOutcome(io, run.folder, record);
    return record.status === 'finished' ? 0 : 130;
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
  };
  if (resume !== undefined) {
    const run = await prepareResumedRun(context, resume, { ...request, model: modelName, exact }, listener);
    if (json && run.planNote !== undefined) printNote(context.io, `note: ${run.planNote}`);
    say(resumeLine(run));
    return run;
  }
  if (exact) {
    throw new UsageError('--exact compares with the run that is resumed: it also needs --resume RUN');
  }
  if (modelName === undefined) {
    const names = context.models.map(({ name }) => name).join('|');
    throw new UsageError(`which model? isonet train ${names}; to resume a run: isonet train --resume RUN`);
  }
  const run = await prepareRun(context, modelName, request, listener);
  say(planLine(run));
  return run;
}

export interface TrainingOutcome {
  /** What run.json says now. */
  readonly record: RunRecord;
  /** Stopped by the user, not by `maxSeconds`. */
  readonly interrupted: boolean;
}

/** Trains until the end, an interrupt, or `maxSeconds`. */
export async function trainPrepared(
  io: Io,
  run: PreparedRun,
  { json, maxSeconds = Infinity }: { readonly json: boolean; readonly maxSeconds?: number },
): Promise<TrainingOutcome> {
  const { options, steps } = run.record;
  const view = trainingView(io, { json, epochs: options.epochs, stepsPerEpoch: steps / options.epochs });
  const signal = { aborted: false };
  const stopListening = io.onInterrupt(() => {
    signal.aborted = true;
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

export function printOutcome(io: Io, { shown }: RunFolder, { status, step, steps }: RunRecord): void {
  const done = `${count(step)} of ${count(steps)} steps`;
  printLine(
    io,
    status === 'finished'
      ? `${shown} holds the run; to test it: npx isonet evaluate ${shown}`
      : `${shown} holds the run, stopped after ${done}; to resume it: npx isonet train --resume ${shown}`,
  );
}
