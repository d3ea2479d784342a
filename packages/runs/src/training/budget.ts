// Sizes a training run to a time budget: measures a training step and computes how many fit.
import type { Dataset } from '@isonet/core';
import { initialize, stateOf, Trainer } from '@isonet/core';
import type { RunOptions } from '../folder/options.ts';
import type { TrainerParts } from './programs.ts';
import { trainerOptions } from './programs.ts';

/** The amount of training in a run. */
export interface Workload {
  readonly epochs: number;
  /** The number of training images to use, starting with the first; null: all. */
  readonly limit: number | null;
}

/** The input of {@link planWork}. */
export interface WorkloadInput {
  /** The number of training images. */
  readonly images: number;
  readonly batchSize: number;
  readonly secondsPerStep: number;
  readonly budgetSeconds: number;
}

/** The minimum number of epochs: fewer would not show a learning curve. */
const LEAST_EPOCHS = 5;
const MOST_EPOCHS = 15;

/**
 * Plans as many epochs over all images as fit into the budget, at most 15. If not even 5 fit, plans 5 epochs over as many
 * images as fit. An epoch has at least one step, even if that exceeds the budget.
 */
export function planWork({ images, batchSize, secondsPerStep, budgetSeconds }: WorkloadInput): Workload {
  const steps = Math.max(LEAST_EPOCHS, Math.floor(budgetSeconds / secondsPerStep));
  const epochs = Math.floor(steps / Math.ceil(images / batchSize));
  if (epochs >= LEAST_EPOCHS) return { epochs: Math.min(epochs, MOST_EPOCHS), limit: null };
  return { epochs: LEAST_EPOCHS, limit: Math.floor(steps / LEAST_EPOCHS) * batchSize };
}

/** The number of steps to measure after one warm-up step; fewer on a slow device. */
const MEASURED_STEPS = 20;
const MEASURED_SECONDS = 3;

/** Measures the seconds per training step, on weights that are discarded. */
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
