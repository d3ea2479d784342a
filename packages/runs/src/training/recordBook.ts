// Writes the files of a run while it trains: run.json, plan.json (if the backend made choices), checkpoints, weights and
// metrics.jsonl.
import type { Checkpoint, Device, EpochReport, ModelState, Tensors } from '@isonet/core';
import { asFloat32, averageName, defined, float32 } from '@isonet/core';
import { lockSpace } from '../folder/lockSpace.ts';
import type { EpochEntry } from '../folder/metrics.ts';
import type { RunRecord, RunStatus } from '../folder/record.ts';
import type { RunFolder } from '../folder/runFolder.ts';
import { lastSegment, withSegment } from '../folder/segments.ts';
import { settingsOf } from '../folder/settings.ts';
import { collapseOf } from './collapse.ts';
import { startEntry } from './entries.ts';
import type { PreparedRun } from './preparedRun.ts';
import { Saver } from './saver.ts';

/** Saves a run, in the background or immediately, and keeps run.json up to date. */
export class RecordBook {
  readonly #run: PreparedRun;
  readonly #state: Pick<ModelState, 'parameters' | 'buffers'>;
  #record: RunRecord;
  /** The number of plans in plan.json. */
  #saved = 0;
  readonly #saver = new Saver();

  constructor(run: PreparedRun) {
    this.#run = run;
    const { record, saved } = run;
    const { step, history } = saved ?? { step: 0, history: [] };
    this.#record = { ...record, step, history };
    this.#state = run.trainer;
  }

  /** Describes the state that the run folder holds after a failure. */
  savedState({ shown }: RunFolder): string {
    const { step } = this.#record;
    return step === 0 ? `${shown} has no weights yet` : `${shown} keeps the state after step ${step}`;
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
    const space = { lockSpace: await lockSpace() };
    this.#record = { ...this.#record, ...space, segments, status, updated: new Date().toISOString() };
    await folder.writeRecord(this.#record);
    return this.#record;
  }

  /** Starts a new segment in metrics.jsonl. */
  async startSegment(): Promise<void> {
    const { folder } = this.#run;
    const { step, history } = this.#record;
    await folder.trimMetrics({ step, epochs: history.length });
    await folder.appendMetrics(startEntry(this.#run));
  }

  /**
   * Saves the state after an epoch. Writes the line of metrics.jsonl first: if the process dies in between, the run resumes
   * before the epoch, drops the line and writes it again.
   */
  async saveEpoch(checkpoint: Checkpoint, report: EpochReport, entry: EpochEntry): Promise<void> {
    await this.#run.folder.appendMetrics(entry);
    await this.save(checkpoint, report);
  }

  /** Saves the initial values of a run, before its first step. */
  async saveStart(values: Tensors): Promise<void> {
    const epoch = { loss: 0, count: 0, scores: {}, seconds: 0 };
    await this.#writeCheckpoint({ step: 0, epoch, values }, []);
  }

  /**
   * Completes a save that was interrupted by a kill. run.json is written last, so if it is older than the checkpoint, the
   * weights may be, too.
   */
  async catchUp(): Promise<void> {
    const { saved, record } = this.#run;
    if (!saved || saved.step === 0) return;
    const { step, history, epoch, values } = saved;
    if (record.step === step && record.history.length === history.length) return;
    const last = history.at(-1);
    // Within an epoch, the best weights are up to date: the save at the end of the previous epoch was complete.
    await this.#writeWeights(values, epoch.count === 0 ? last : undefined, history.slice(0, -1));
  }

  /** Saves in the background while training continues. @throws the error of an earlier save that failed */
  saveLater(checkpoint: Checkpoint): void {
    this.#saver.later(() => this.#save(checkpoint));
  }

  /** Saves, and resolves when the files are written. @throws the error of this save, or of an earlier one that failed */
  save(checkpoint: Checkpoint, report?: EpochReport): Promise<void> {
    return this.#saver.now(() => this.#save(checkpoint, report));
  }

  /** @throws the error of a save that failed: training that cannot be saved should stop */
  check(): void {
    this.#saver.check();
  }

  /** Resolves when no save is in progress. */
  settled(): Promise<void> {
    return this.#saver.settled();
  }

  /** Saves the last snapshot of a lost device, unless the folder already holds a later state. */
  async rescue(checkpoint: Checkpoint): Promise<void> {
    if (checkpoint.step > this.#record.step) await this.save(checkpoint);
  }

  /** Writes the checkpoint first: it alone determines where a run resumes, so the other files may briefly lag behind it. */
  async #save(checkpoint: Checkpoint, report?: EpochReport): Promise<void> {
    const { step, values } = checkpoint;
    const { history: before } = this.#record;
    const history = report ? [...before, report] : before;
    await this.#writeCheckpoint(checkpoint, history);
    await this.#writeWeights(values, report, before);
    this.#record = { ...this.#record, step, history };
    await this.write('running');
  }

  /**
   * Writes weights.safetensors, and best.safetensors if the epoch is the best so far.
   * @param report the report of the epoch that ends with these values, if one does
   * @param before the reports of the earlier epochs
   */
  async #writeWeights(
    values: Tensors,
    report: EpochReport | undefined,
    before: readonly EpochReport[],
  ): Promise<void> {
    const { folder } = this.#run;
    const weights = weightsOf(this.#state, values);
    await folder.writeWeights(weights);
    if (report && isBest(report, before)) await folder.writeBest(weights);
  }

  #writeCheckpoint(checkpoint: Checkpoint, history: readonly EpochReport[]): Promise<void> {
    const settings = settingsOf(this.#record);
    return this.#run.folder.checkpoints.write({ ...checkpoint, history, settings });
  }

  /** Saves the result of the run. With early stopping, the weights are those of the best epoch instead of the last. */
  async finish(values: Tensors, bestEpoch: number | undefined, device: Device): Promise<RunRecord> {
    const { folder, model, task, plans, data } = this.#run;
    const weights = weightsOf(this.#state, values);
    if (bestEpoch !== undefined) await folder.writeWeights(weights);
    const collapse = await collapseOf({ model, task, device, plans }, weights, data.test);
    this.#record = {
      ...this.#record,
      ...(bestEpoch === undefined ? {} : { bestEpoch }),
      ...(collapse === undefined ? {} : { collapse }),
    };
    return this.write('finished');
  }
}

/** Returns whether the validation loss is the lowest so far. */
function isBest({ validationLoss }: EpochReport, before: readonly EpochReport[]): boolean {
  if (validationLoss === undefined) return false;
  return before.every((report) => validationLoss < defined(report.validationLoss, 'the validation loss'));
}

/**
 * Returns the weights for evaluation, prediction and export: the parameters, or their averages if the run keeps them, and
 * the buffers. They are float32 even if the device computes in float64.
 */
function weightsOf(
  { parameters, buffers }: Pick<ModelState, 'parameters' | 'buffers'>,
  values: Tensors,
): Tensors {
  return Object.fromEntries(
    [...parameters, ...buffers].map(({ name, shape }) => {
      const value = values[averageName(name)] ?? values[name];
      return [name, float32(shape, asFloat32(defined(value, `the weight "${name}"`)))];
    }),
  );
}
