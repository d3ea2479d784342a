// Sizes a training run to a given time: measures a step, the rest is arithmetic.
import type { Dataset } from '@isonet/core';
import { initialize, stateOf, Trainer } from '@isonet/core';
import type { RunOptions } from '../folder/options.ts';
import type { TrainerParts } from './programs.ts';
import { trainerOptions } from './programs.ts';

/** How much a run trains. */
export interface Workload {
  readonly epochs: number;
  /** Number of training images, from the first on; null: all. */
  readonly limit: number | null;
}

/** What {@link planWork} plans with. */
export interface WorkloadInput {
  /** Number of training images. */
  readonly images: number;
  readonly batchSize: number;
  readonly secondsPerStep: number;
  readonly budgetSeconds: number;
}

/** Fewer epochs show no curve. */
const LEAST_EPOCHS = 5;
const MOST_EPOCHS = 15;

/**
 * As many epochs over all images as fit, at most 15; where not even 5 fit, 5 over as many images as do. One step an epoch
 * is the least, whatever it takes.
 */
export function planWork({ images, batchSize, secondsPerStep, budgetSeconds }: WorkloadInput): Workload {
  const steps = Math.max(LEAST_EPOCHS, Math.floor(budgetSeconds / secondsPerStep));
  const epochs = Math.floor(steps / Math.ceil(images / batchSize));
  if (epochs >= LEAST_EPOCHS) return { epochs: Math.min(epochs, MOST_EPOCHS), limit: null };
  return { epochs: LEAST_EPOCHS, limit: Math.floor(steps / LEAST_EPOCHS) * batchSize };
}

/** Steps that are measured after a first one that warms up; fewer on a slow device. */
const MEASURED_STEPS = 20;
const MEASURED_SECONDS = 3;

/** The seconds of a training step, on weights that are thrown away. */
export async function measureStep(parts: TrainerParts, data: Dataset, options: RunOptions): Promise<number> {
  const { batchSize, lr, seed } = options;
  const values = initialize(stateOf(parts.model).parameters, parts.recipe.initializer, seed);
  const trainer = await Trainer.create({ ...trainerOptions(parts, options), values });
  try {
    const count = Math.min(batchSize, data.length);
    const batch = await data.batch(Uint32Array.from({ length: count }, (_, index) => index));
    const run = async (step: number): Promise<void> => {
      await (
        await trainer.step(batch, step, lr)
      )();
    };
    await run(0);
    const began = performance.now();
    const elapsed = (): number => (performance.now() - began) / 1000;
    let steps = 0;
    while (steps < MEASURED_STEPS && (steps === 0 || elapsed() < MEASURED_SECONDS)) await run(++steps);
    return elapsed() / steps;
  } finally {
    await trainer[Symbol.asyncDispose]();
  }
}
