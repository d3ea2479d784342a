// Training runs on real images: their data, and the reference's states and losses at each step.
import type { Batch, Dataset, Device, Tensors } from '@isonet/core';
import { batches, defined, initialize, stateOf, Trainer } from '@isonet/core';
import { fashionMnistDataset, parseIdx, parseIdxLabels } from '@isonet/data/browser';
import { sampleFiles } from '@isonet/fashion-mnist-sample';
import { readBytes } from '../platform/node.ts';
import { gunzip } from '../files.ts';
import { inFloat32 } from '../networks/values.ts';
import { lazily, referenceDevice } from '../oracle.ts';
import type { Regime } from './regimes.ts';

/** The seed of the initial weights, the shuffles and the masks. */
export const SEED = 7;

/** Returns the training images of the sample of Fashion-MNIST. */
export const images: () => Promise<Dataset> = lazily(async () => {
  const { trainImages, trainLabels } = sampleFiles;
  const [pixels, labels] = await Promise.all(
    [trainImages, trainLabels].map(async (file) => gunzip(await readBytes(file))),
  );
  const name = 'Fashion-MNIST sample';
  return fashionMnistDataset(
    name,
    parseIdx(defined(pixels, 'the images'), name),
    parseIdxLabels(defined(labels, 'the labels'), name),
  );
});

/** Returns the batches of the first steps of a run, all in its first epoch. */
export async function batchesOf({ batchSize }: Regime, steps: number): Promise<readonly Batch[]> {
  const source = batches(await images(), { batchSize, shuffle: { seed: SEED, epoch: 0 } });
  const found: Batch[] = [];
  for await (const batch of source) {
    if (found.length === steps) break;
    found.push({ inputs: batch.inputs, labels: batch.labels });
  }
  return found;
}

export function lrAt({ schedule, steps, batchSize }: Regime, step: number): number {
  return schedule({ step, steps, batch: batchSize, batchSize });
}

/** @param values a {@link Trainer.snapshot}; by default the initial values */
export function trainerOf(regime: Regime, device: Device, values?: Tensors): Promise<Trainer> {
  const { model, initializer, optimizer, clipNorm } = regime;
  return Trainer.create({
    model,
    device,
    optimizer,
    seed: SEED,
    values: values ?? initialize(stateOf(model).parameters, initializer, SEED),
    ...(clipNorm === undefined ? {} : { clipNorm }),
  });
}

/** A run of the reference, which advances only as far as needed. */
class ReferenceRun {
  readonly #regime: Regime;
  readonly #states: Tensors[] = [];
  readonly #losses: number[] = [];
  #trainer: Promise<Trainer> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(regime: Regime) {
    this.#regime = regime;
  }

  /**
   * Returns parameters, buffers and slots after `step` steps, rounded to float32 so that any device can start from
   * them.
   */
  async stateAt(step: number): Promise<Tensors> {
    await this.#advance(step);
    const state = this.#states[step];
    if (!state) throw new Error(`${this.#regime.name}: no state after ${step} steps`);
    return state;
  }

  /** Returns the losses of the first `steps` steps. */
  async losses(steps: number): Promise<readonly number[]> {
    await this.#advance(steps);
    return this.#losses.slice(0, steps);
  }

  /** Concurrent calls advance one after another. */
  #advance(steps: number): Promise<void> {
    this.#last = this.#last.then(() => this.#run(steps));
    return this.#last;
  }

  async #run(steps: number): Promise<void> {
    const regime = this.#regime;
    this.#trainer ??= referenceDevice().then((device) => trainerOf(regime, device));
    const trainer = await this.#trainer;
    if (this.#states.length === 0) this.#states.push(inFloat32(await trainer.snapshot()));
    const source = await batchesOf(regime, steps);
    for (let i = this.#losses.length; i < steps; i++) {
      const batch = source[i];
      if (!batch) throw new Error(`${regime.name}: no batch ${i}`);
      const { loss } = await (await trainer.step(batch, i, lrAt(regime, i)))();
      this.#losses.push(loss);
      this.#states.push(inFloat32(await trainer.snapshot()));
    }
  }
}

const runs = new WeakMap<Regime, ReferenceRun>();

/** Returns the reference's run of a regime, shared by the whole process. */
export function referenceRun(regime: Regime): ReferenceRun {
  const found = runs.get(regime) ?? new ReferenceRun(regime);
  runs.set(regime, found);
  return found;
}
