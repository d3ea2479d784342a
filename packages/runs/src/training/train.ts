// Trains a prepared run into its folder. After each epoch, and when it is stopped, the folder holds all that is needed to
// resume it, to the bit.
import type { EpochReport, EpochTotals, StepProgress, Tensors, Trainer } from '@isonet/core';
import { asFloat32, fit, float32, NonFiniteError } from '@isonet/core';
import { firstImages } from '../data.ts';
import type { RunRecord, RunStatus } from '../folder/record.ts';
import type { RunFolder } from '../folder/runFolder.ts';
import type { PreparedRun } from './prepare.ts';

/** Called as the run goes on. */
export interface TrainingListener {
  step(progress: StepProgress): void;
  epoch(report: EpochReport): void;
  /** A line for people. */
  note(text: string): void;
}

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
    await folder.writeRecord(book.now('failed')).catch(() => undefined);
    if (error instanceof NonFiniteError) {
      throw new NonFiniteError(`${error.message}; ${book.kept(folder)}`);
    }
    listener.note(`note: ${book.kept(folder)}; to go on: npx isonet train --resume ${folder.shown}`);
    throw error;
  }
}

async function trainAndSave(
  { model, recipe, opened, data, record, saved, folder }: PreparedRun,
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
    onStart: async (trainer) => {
      const { fingerprint } = await trainer.prepare(Math.min(batchSize, train.length));
      if (saved && fingerprint !== record.backend.fingerprint) {
        listener.note(
          'note: this device orders its sums otherwise than the one before: no longer the same bits',
        );
      }
      await folder.writeRecord(book.compiled(fingerprint));
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
  const last = book.now(result.finished ? 'finished' : 'stopped');
  await folder.writeRecord(last);
  if (result.finished) await folder.removeCheckpoint();
  return last;
}

const NO_TOTALS: EpochTotals = { loss: 0, correct: 0, count: 0, seconds: 0 };

/** Keeps run.json up to date as the run goes on. */
class RecordBook {
  readonly #folder: RunFolder;
  #record: RunRecord;

  constructor({ folder, record, saved }: PreparedRun) {
    this.#folder = folder;
    const { step, history } = saved?.progress ?? { step: 0, history: [] };
    this.#record = { ...record, step, history };
  }

  /** Says what a failure leaves behind. */
  kept({ shown }: RunFolder): string {
    const { step } = this.#record;
    return step === 0 ? `${shown} holds no weights yet` : `${shown} keeps the state after step ${step}`;
  }

  now(status: RunStatus): RunRecord {
    this.#record = { ...this.#record, status, updated: new Date().toISOString() };
    return this.#record;
  }

  compiled(fingerprint: string): RunRecord {
    this.#record = { ...this.#record, backend: { ...this.#record.backend, fingerprint } };
    return this.now('running');
  }

  /** The checkpoint first: it alone decides where a run goes on, so the files may be of different steps for a moment. */
  async save(trainer: Trainer, step: number, epoch: EpochTotals, report?: EpochReport): Promise<void> {
    const history = report ? [...this.#record.history, report] : this.#record.history;
    const values = await trainer.snapshot();
    await this.#folder.writeCheckpoint({ values, progress: { step, epoch, history } });
    await this.#folder.writeWeights(weightsOf(trainer, values));
    this.#record = { ...this.#record, step, history };
    await this.#folder.writeRecord(this.now('running'));
  }
}

/** Parameters and buffers, without slots, as float32 whatever the device computes in. */
function weightsOf({ parameters, buffers }: Trainer, values: Tensors): Tensors {
  return Object.fromEntries(
    [...parameters, ...buffers].flatMap(({ name, shape }) => {
      const value = values[name];
      return value ? [[name, float32(shape, asFloat32(value))]] : [];
    }),
  );
}
