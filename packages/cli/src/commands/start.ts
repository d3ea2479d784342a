// isonet start, which `npm start` runs: shows in a few minutes, on any machine, that a network learns. It plans its work
// from a measured step, trains, evaluates, predicts, and says what to try next.
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
/** No class dies with batch norm; smaller batches than the recipe's are more steps: where time is short they learn more. */
const SETTINGS = { recipe: 'best', batchSize: 32, lr: 0.02 } as const;
/** What the steps may take by plan, and what they may take when they turn out slower than the measured ones. */
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
    const headline = 'isonet trains a network on pictures of clothes: at most three minutes, Ctrl-C stops it';
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

/** A new run, of as much work as fits into the time here. */
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
    `one step takes ${(secondsPerStep * 1000).toFixed(0)} ms here: about ${seconds} s of training`,
  );
  return run;
}

/** What was saved, on the test images. The device is opened once more, because the training may have lost the first. */
async function showResult(context: Context, { folder, opened, data }: PreparedRun): Promise<void> {
  const saved = await loadRun(context, folder.path);
  const device = await opened.reopen();
  try {
    await showOn(context.io, device, saved, data);
  } finally {
    await device[Symbol.asyncDispose]();
  }
}

/** The accuracy on the test images, and a few of them with their pictures. */
async function showOn(io: Io, device: Device, saved: LoadedRun, data: ModelData): Promise<void> {
  const evaluation = await evaluateTrained(saved, device, data);
  const chance = (1 / saved.model.output.shape[0]).toFixed(3);
  printLine(io, `${evaluationLine(evaluation)}; guessing would give ${chance}`);
  printLine(io);
  const perRow = picturesPerRow(saved.model.input.shape[2], io.columns);
  // One row, or two of a narrow terminal's.
  const subjects = await firstOf(data, perRow > 2 ? perRow : perRow * 2);
  printPictures(io, await predictAll(saved, device, subjects), saved.model.input.shape);
}

function printNext(io: Io, run: string, record: RunRecord): void {
  const { model, options, status } = record;
  const { backend, device } = lastSegment(record);
  printLine(io, `${run} holds the run. What to try next:`);
  const next = [
    [command`npx isonet evaluate ${run}`, 'its accuracy once more'],
    [command`npx isonet predict ${run} --test 8`, 'more test images, or files of your own'],
    [command`npx isonet export ${run} --to nin.onnx`, 'the network, for any ONNX runtime'],
    [`npx isonet train ${model} --recipe book`, 'as the book trains it'],
    ['npx isonet backends', 'what else it can run on here'],
  ];
  if (status !== 'finished')
    next.unshift([command`npx isonet train --resume ${run}`, 'the rest of it: time was up']);
  for (const line of table([{ head: '' }, { head: '' }], next)) printLine(io, `  ${line}`);
  const limit = options.limit === null ? '' : ` --limit ${options.limit}`;
  const where = `--backend ${backend} --device ${device}`;
  const steps = `--epochs ${options.epochs} --batch-size ${options.batchSize} --lr ${options.lr}${limit}`;
  printLine(io, 'To train the same weights yourself, to the bit:');
  printLine(
    io,
    `  npx isonet train ${model} --recipe ${options.recipe} ${steps} --seed ${options.seed} ${where}`,
  );
}
