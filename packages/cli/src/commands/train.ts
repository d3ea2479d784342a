// isonet train MODEL, or isonet train --resume RUN.
import type { Context } from '../cli.ts';
import type { Io } from '../io.ts';
import { printJson, printLine } from '../io.ts';
import { firstImages } from '../run/data.ts';
import type { RunFolder } from '../run/folder.ts';
import type { RunRecord } from '../run/record.ts';
import type { SettledRun, TrainOptions } from '../run/settle.ts';
import { settleNew, settleResumed } from '../run/settle.ts';
import type { TrainingOutcome } from '../run/train.ts';
import { trainRun } from '../run/train.ts';
import { count } from '../show/text.ts';
import { trainingView } from '../show/training.ts';

export async function train(
  context: Context,
  modelName: string | undefined,
  options: TrainOptions,
): Promise<number> {
  const { io } = context;
  const { json = false, resume } = options;
  const run = await (resume === undefined
    ? settleNew(context, modelName, options)
    : settleResumed(context, modelName, options, resume));
  try {
    const { record } = await trainSettled(io, run, { json });
    if (json) printJson(io, { run: run.folder.shown, ...record });
    else printOutcome(io, run.folder, record);
    return record.status === 'finished' ? 0 : 130;
  } finally {
    await run.opened.device[Symbol.asyncDispose]();
  }
}

/** Trains until the end, an interrupt, or so many seconds. */
export async function trainSettled(
  io: Io,
  { model, recipe, data, opened, folder, record, saved }: SettledRun,
  { json, maxSeconds = Infinity }: { readonly json: boolean; readonly maxSeconds?: number },
): Promise<TrainingOutcome> {
  const { epochs, limit } = record.options;
  const view = trainingView(io, { json, epochs, stepsPerEpoch: record.steps / epochs });
  const images = { train: firstImages(data.train, limit), test: data.test };
  const { device } = opened;
  return trainRun(io, { model, recipe, device, ...images, folder, record, saved, maxSeconds }, view);
}

export function printOutcome(io: Io, { shown }: RunFolder, { status, step, steps }: RunRecord): void {
  const done = `${count(step)} of ${count(steps)} steps`;
  printLine(
    io,
    status === 'finished'
      ? `${shown} holds the run; to test it: npx isonet evaluate ${shown}`
      : `${shown} holds the run, stopped after ${done}; to go on: npx isonet train --resume ${shown}`,
  );
}
