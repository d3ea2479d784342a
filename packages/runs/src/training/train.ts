// Trains a prepared run into its folder. After each epoch, and when it is stopped, the folder holds all that is needed to
// resume it, to the bit.
import type { EpochReport, EpochTotals, StepProgress, Tensors, Trainer } from '@isonet/core';
import { asFloat32, defined, fit, float32, NonFiniteError } from '@isonet/core';
import { firstImages } from '../data.ts';
import type { RunRecord, RunStatus } from '../folder/record.ts';
import type { RunFolder } from '../folder/runFolder.ts';
import { lastSegment, withSegment } from '../folder/segments.ts';
import type { PreparedRun } from './prepare.ts';
import { isPlanError } from './programs.ts';

/** Called as the run goes on. */
export interface TrainingListener {
  /** After each step. */
  step(progress: StepProgress): void;
  /** After each epoch, once it is saved. */
  epoch(report: EpochReport): void;
  /** A line for people. */
  note(text: string): void;
}

/** When to stop before a run is finished. */
export interface TrainingLimits {
  /** Stops after the step in hand when it becomes aborted; an AbortSignal fits. Default: never. */
  readonly signal?: { readonly aborted: boolean };
  /** Stops after the step in hand when this time is up. Default: never. */
  readonly maxSeconds?: number;
}

/**
 * Trains until the run is finished, its signal is aborted or its time is up, and saves.
 * @returns what run.json says now: its status is `finished` or `stopped`
 * @throws NonFiniteError, or what the device throws; the last checkpoint then stays, and the status is `failed`
 */
export async function trainRun(
  run: PreparedRun,
  listener: TrainingListener,
  limits: TrainingLimits = {},
): Promise<RunRecord> {
  const { folder } = run;
  const book = new RecordBook(run);
  try {
    return await trainAndSave(run, book, listener, limits);
  } catch (error) {
    // The training's own error is the one to report, even where the disk is full as well.
    await book.write('failed').catch(() => undefined);
    if (error instanceof NonFiniteError) {
      throw new NonFiniteError(`${error.message}; ${book.kept(folder)}`);
    }
    listener.note(`note: ${book.kept(folder)}; to resume it: npx isonet train --resume ${folder.shown}`);
    throw isPlanError(error) ? folder.planError(run.opened.backend, error) : error;
  }
}

async function trainAndSave(
  { model, recipe, opened, trainer: prepared, plans, data, record, saved, folder }: PreparedRun,
  book: RecordBook,
  listener: TrainingListener,
  { signal, maxSeconds = Infinity }: TrainingLimits,
): Promise<RunRecord> {
  const { epochs, lr, batchSize, microBatchSize, seed, limit } = record.options;
  const train = firstImages(data.train, limit);
  const deadline = Date.now() + maxSeconds * 1000;
  let timeIsUp = false;
  const result = await fit({
    model,
    device: opened.device,
    trainer: prepared,
    plans: plans.given,
    onProgram: plans.add,
    train,
    test: data.test,
    epochs,
    batchSize,
    seed,
    optimizer: recipe.optimizer,
    schedule: recipe.schedule(lr),
    initializer: recipe.initializer,
    signal: {
      get aborted() {
        return timeIsUp || signal?.aborted === true;
      },
    },
    ...(microBatchSize === null ? {} : { microBatchSize }),
    ...(saved ? { resume: { ...saved.progress, values: saved.values } } : {}),
    onStart: async () => {
      await book.write('running');
    },
    onStep: (progress) => {
      if (Date.now() > deadline) timeIsUp = true;
      listener.step(progress);
    },
    onEpoch: async (report, trainer) => {
      await book.save(trainer, report.epoch * (record.steps / epochs), NO_TOTALS, report);
      listener.epoch(report);
    },
  });
  try {
    if (!result.finished) await book.save(result.trainer, result.step, result.totals);
  } finally {
    await result.trainer[Symbol.asyncDispose]();
  }
  const last = await book.write(result.finished ? 'finished' : 'stopped');
  if (result.finished) await folder.removeCheckpoint();
  return last;
}

const NO_TOTALS: EpochTotals = { loss: 0, count: 0, scores: {}, seconds: 0 };

/** Keeps run.json, and plan.json where there are choices, up to date as the run goes on. */
class RecordBook {
  readonly #run: PreparedRun;
  #record: RunRecord;
  /** Number of plans in plan.json. */
  #saved = 0;

  constructor(run: PreparedRun) {
    this.#run = run;
    const { record, saved } = run;
    const { step, history } = saved ? saved.progress : { step: 0, history: [] };
    this.#record = { ...record, step, history };
  }

  /** Says what a failure leaves behind. */
  kept({ shown }: RunFolder): string {
    const { step } = this.#record;
    return step === 0 ? `${shown} holds no weights yet` : `${shown} keeps the state after step ${step}`;
  }

  async write(status: RunStatus): Promise<RunRecord> {
    const { folder, plans, opened } = this.#run;
    const { data, records } = plans;
    if (data !== undefined && Object.keys(data).length > this.#saved) {
      await folder.writePlans({ backend: opened.backend, device: opened.device.info.id, plans: data });
      this.#saved = Object.keys(data).length;
    }
    const segment = { ...lastSegment(this.#record), plans: records };
    const segments = withSegment(this.#record.segments, segment);
    this.#record = { ...this.#record, segments, status, updated: new Date().toISOString() };
    await folder.writeRecord(this.#record);
    return this.#record;
  }

  /** The checkpoint first: it alone decides where a run goes on, so the files may be of different steps for a moment. */
  async save(trainer: Trainer, step: number, epoch: EpochTotals, report?: EpochReport): Promise<void> {
    const { folder } = this.#run;
    const history = report ? [...this.#record.history, report] : this.#record.history;
    const values = await trainer.snapshot();
    await folder.writeCheckpoint({ values, progress: { step, epoch, history } });
    await folder.writeWeights(weightsOf(trainer, values));
    this.#record = { ...this.#record, step, history };
    await this.write('running');
  }
}

/** Parameters and buffers, without slots, as float32 even where the device computes in float64. */
function weightsOf({ parameters, buffers }: Trainer, values: Tensors): Tensors {
  return Object.fromEntries(
    [...parameters, ...buffers].map(({ name, shape }) => {
      const value = defined(values[name], `the weight "${name}"`);
      return [name, float32(shape, asFloat32(value))];
    }),
  );
}
