// Trains into a run folder: after each epoch, and when it is stopped, the folder holds all that is needed to go on, to the
// bit. What people see of it is the view's.
import type { Dataset, Device, EpochReport, EpochTotals, Model, Tensors, Trainer } from '@isonet/core';
import { asFloat32, fit, float32, NonFiniteError } from '@isonet/core';
import type { Recipe } from '@isonet/models';
import type { Io } from '../io.ts';
import type { TrainingView } from '../show/training.ts';
import type { RunFolder, SavedState } from './folder.ts';
import type { RunRecord, RunStatus } from './record.ts';

export interface TrainingJob {
  readonly model: Model;
  readonly recipe: Recipe;
  readonly device: Device;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly folder: RunFolder;
  /** As far as it is known before the first step: backend.fingerprint is filled in here. */
  readonly record: RunRecord;
  readonly saved: SavedState | undefined;
  /** Stops, as an interrupt does, when so many seconds have gone by. */
  readonly maxSeconds?: number;
}

export interface TrainingOutcome {
  /** What run.json says now: its status is `finished` or `stopped`. */
  readonly record: RunRecord;
  /** Stopped by somebody, not by `maxSeconds`. */
  readonly interrupted: boolean;
}

/**
 * Trains until it is finished, interrupted or out of time, and saves.
 * @throws NonFiniteError, or what the device throws; the last checkpoint then stays, and the status is `failed`
 */
export async function trainRun(io: Io, job: TrainingJob, view: TrainingView): Promise<TrainingOutcome> {
  const { folder } = job;
  const book = new RecordBook(job);
  const stop = { aborted: false };
  let interrupted = false;
  const stopListening = io.onInterrupt(() => {
    interrupted = true;
    stop.aborted = true;
    view.note('stopping after the step in hand, to save; interrupt again to leave at once');
  });
  try {
    const record = await trainAndSave(job, book, view, stop);
    return { record, interrupted };
  } catch (error) {
    // What went wrong is the error to tell, not that the disk may be full as well.
    await folder.writeRecord(book.now('failed')).catch(() => undefined);
    if (error instanceof NonFiniteError) {
      throw new NonFiniteError(`${error.message}; ${book.kept(folder)}`);
    }
    view.note(`note: ${book.kept(folder)}; to go on: npx isonet train --resume ${folder.shown}`);
    throw error;
  } finally {
    stopListening();
    view.close();
  }
}

async function trainAndSave(
  job: TrainingJob,
  book: RecordBook,
  view: TrainingView,
  stop: { aborted: boolean },
): Promise<RunRecord> {
  const { model, recipe, device, train, test, record, saved, folder, maxSeconds = Infinity } = job;
  const { epochs, lr, batchSize, microBatchSize, seed } = record.options;
  const deadline = Date.now() + maxSeconds * 1000;
  const result = await fit({
    model,
    device,
    train,
    test,
    epochs,
    batchSize,
    seed,
    optimizer: recipe.optimizer,
    schedule: recipe.schedule(lr),
    initializer: recipe.initializer,
    signal: stop,
    ...(microBatchSize === null ? {} : { microBatchSize }),
    ...(saved ? { resume: { ...saved.progress, values: saved.values } } : {}),
    onStart: async (trainer) => {
      const { fingerprint } = await trainer.prepare(Math.min(batchSize, train.length));
      if (saved && fingerprint !== record.backend.fingerprint) {
        view.note('note: this device orders its sums otherwise than the one before: no longer the same bits');
      }
      await folder.writeRecord(book.compiled(fingerprint));
    },
    onStep: (progress) => {
      if (Date.now() > deadline) stop.aborted = true;
      view.step(progress);
    },
    onEpoch: async (report, trainer) => {
      await book.save(trainer, report.epoch * (record.steps / epochs), NO_TOTALS, report);
      view.epoch(report);
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

/** What run.json says, as the run goes on. */
class RecordBook {
  readonly #folder: RunFolder;
  #record: RunRecord;

  constructor({ folder, record, saved }: TrainingJob) {
    this.#folder = folder;
    const { step, history } = saved?.progress ?? { step: 0, history: [] };
    this.#record = { ...record, step, history };
  }

  /** What a failure leaves behind, for people. */
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
