// isonet start, which `npm start` runs: shows in a few minutes, on any machine, that a network learns. It measures a step to plan its
// work, trains, evaluates, predicts, and suggests what to try next.
import type { Device } from '@isonet/core';
import { initialize, stateOf } from '@isonet/core';
import type { LoadedRun, ModelData, NewRun, PreparedRun, RunOptions, RunRecord } from '@isonet/runs';
import {
  backendLine,
  command,
  createRun,
  firstOf,
  lastSegment,
  loadData,
  loadModel,
  loadRun,
  measureStep,
  modelEntry,
  modelOptions,
  openDevice,
  planWork,
  predictAll,
  requestedPictures,
  resolveOptions,
  takerOf,
} from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { hasColor, printLine, printStyled } from '../io.ts';
import { picturesPerRow } from '../show/picture.ts';
import { printPictures } from '../show/predictions.ts';
import { table } from '../show/table.ts';
import { colors, count } from '../show/text.ts';
import { planLine } from '../show/training.ts';
import { Stop } from '../stop.ts';
import { evaluateTrained, evaluationLine } from './evaluate.ts';
import { printOutcome, trainPrepared } from './train.ts';

const MODEL = 'nin';
/** With batch norm, training does not collapse. Batches smaller than the recipe's allow more steps, which learn more in a short time. */
const SETTINGS = { recipe: 'best', batchSize: 32, lr: 0.02 } as const;
/** The planned duration of training, and its limit if the steps turn out slower than the measured one. */
const PLANNED_SECONDS = 90;
const MOST_SECONDS = 180;

/** Trains, tests and predicts, in at most three minutes. @returns the exit code */
export async function start(context: Context): Promise<number> {
  const { io } = context;
  const { bold } = colors(hasColor(io));
  const stop = new Stop(io);
  const entry = modelEntry(context.models, MODEL);
  const { recipe, options } = resolveOptions(entry, SETTINGS, io.cwd);
  const { task } = entry;
  const model = await loadModel(context.models, MODEL, modelOptions(options));
  const opened = await openDevice(context.backends, {});
  try {
    const headline =
      'isonet trains a network on images of clothes for at most three minutes; Ctrl-C stops it';
    printStyled(io, bold(headline));
    printLine(io, backendLine(opened));
    const data = await loadData(io.cwd, undefined, takerOf(model, requestedPictures(entry, model, {})));
    printLine(io, data.source.text);
    const run = await createPlanned(io, { model, task, recipe, opened, data, head: undefined }, options);
    const record = await trainPrepared(io, run, { json: false, stop, maxSeconds: MOST_SECONDS });
    if (stop.exitCode !== undefined) {
      printOutcome(io, run.folder, record, stop);
      return stop.exitCode;
    }
    stop.end();
    await showResult(context, run);
    printNext(io, run.folder.shown, record);
    return 0;
  } finally {
    stop.end();
    await opened.device[Symbol.asyncDispose]();
  }
}

/** Creates a run with as much work as this machine can do in the planned time. */
async function createPlanned(io: Io, parts: NewRun, options: RunOptions): Promise<PreparedRun> {
  const { train } = parts.data;
  const secondsPerStep = await measureStep(parts, train, options);
  const { epochs, limit } = planWork({
    images: train.length,
    batchSize: options.batchSize,
    secondsPerStep,
    budgetSeconds: PLANNED_SECONDS,
  });
  const values = initialize(stateOf(parts.model).parameters, parts.recipe.initializer, options.seed);
  const run = await createRun(io.cwd, parts, { ...options, epochs, limit }, values);
  printLine(io, planLine(run));
  const seconds = count(run.record.steps * secondsPerStep);
  printLine(
    io,
    `one step takes ${(secondsPerStep * 1000).toFixed(0)} ms on this machine: about ${seconds} s of training`,
  );
  return run;
}

/** Shows the saved weights on the test images. Opens the device again, because the training run may have lost the first one. */
async function showResult(context: Context, { folder, opened, data }: PreparedRun): Promise<void> {
  const saved = await loadRun(context, folder.path);
  const device = await opened.reopen();
  try {
    await showOn(context.io, device, saved, data);
  } finally {
    await device[Symbol.asyncDispose]();
  }
}

/** Prints the accuracy on the test images, and draws a few of them. */
async function showOn(io: Io, device: Device, saved: LoadedRun, data: ModelData): Promise<void> {
  const evaluation = await evaluateTrained(saved, device, data);
  const chance = (1 / saved.model.output.shape[0]).toFixed(3);
  printLine(io, `${evaluationLine(evaluation)}; guessing would reach ${chance}`);
  printLine(io);
  const perRow = picturesPerRow(saved.model.input.shape[2], io.columns);
  // One row, or two on a narrow terminal.
  const subjects = await firstOf(data, perRow > 2 ? perRow : perRow * 2);
  printPictures(io, await predictAll(saved, device, subjects), saved.model.input.shape);
}

function printNext(io: Io, run: string, record: RunRecord): void {
  const { model, options, status } = record;
  const { backend, device } = lastSegment(record);
  printLine(io, `The run is in ${run}. What to try next:`);
  const next = [
    [command`npx isonet evaluate ${run}`, 'measure its accuracy again'],
    [command`npx isonet predict ${run} --test 8`, 'classify more test images, or your own files'],
    [command`npx isonet export ${run} --to nin.onnx`, 'export the network for any ONNX runtime'],
    [`npx isonet train ${model} --recipe book`, 'train it as the book does'],
    ['npx isonet backends', 'list the other devices of this machine'],
  ];
  if (status !== 'finished')
    next.unshift([
      command`npx isonet train --resume ${run}`,
      'train the remaining epochs, which did not fit in the time',
    ]);
  for (const line of table([{ head: '' }, { head: '' }], next)) printLine(io, `  ${line}`);
  const limit = options.limit === null ? '' : ` --limit ${options.limit}`;
  const where = `--backend ${backend} --device ${device}`;
  const steps = `--epochs ${options.epochs} --batch-size ${options.batchSize} --lr ${options.lr}${limit}`;
  printLine(io, 'To reproduce these weights bit for bit:');
  printLine(
    io,
    `  npx isonet train ${model} --recipe ${options.recipe} ${steps} --seed ${options.seed} ${where}`,
  );
}
