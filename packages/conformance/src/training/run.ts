// A run of training on real images: its data, and the reference's states and losses along it.
import type { Batch, Dataset, Device, Tensors } from '@isonet/core';
import { batches, initialize, stateOf, Trainer } from '@isonet/core';
import { loadFashionMnistSample } from '@isonet/data';
import { inFloat32 } from '../networks/values.ts';
import { lazily, referenceDevice } from '../oracle.ts';
import type { Regime } from './regimes.ts';

/** Of the initial weights, the shuffles and the masks. */
export const SEED = 7;

/** The training images of the sample of Fashion-MNIST. */
export const images: () => Promise<Dataset> = lazily(async () => (await loadFashionMnistSample()).train);

/** The batches of a run's first steps, which are in its first epoch. */
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

/** A trainer for a regime. @param values as {@link Trainer.snapshot} gives them; by default those of the start */
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

/** The reference on its way through a run: asked for a later state, it goes on from where it is. */
class ReferenceRun {
  readonly #regime: Regime;
  readonly #states: Tensors[] = [];
  readonly #losses: number[] = [];
  #trainer: Promise<Trainer> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(regime: Regime) {
    this.#regime = regime;
  }

  /** Parameters, buffers and slots after `step` steps, rounded to float32: what any device can start from. */
  async stateAt(step: number): Promise<Tensors> {
    await this.#advance(step);
    const state = this.#states[step];
    if (!state) throw new Error(`${this.#regime.name}: no state after ${step} steps`);
    return state;
  }

  /** Of the first `steps` steps. */
  async losses(steps: number): Promise<readonly number[]> {
    await this.#advance(steps);
    return this.#losses.slice(0, steps);
  }

  /** One after the other, whoever asks. */
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

/** The reference's run, made once per process, as far as it is asked for. */
export function referenceRun(regime: Regime): ReferenceRun {
  const found = runs.get(regime) ?? new ReferenceRun(regime);
  runs.set(regime, found);
  return found;
}
