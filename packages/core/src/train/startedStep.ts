// A training step that is under way, in one run or in parts, and what it tells when it is read.
import type { Execution } from '../backend/contract.ts';
import { outputOf, scalarOf } from '../backend/feeds.ts';
import { defined, NonFiniteError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import { correctCount } from './metrics.ts';

/** What one step gave. */
export interface StepResult {
  /** The mean over the batch. */
  readonly loss: number;
  readonly correct: number;
  readonly count: number;
}

export interface StartedStep {
  /** The batch's memory may be used again. Rejects as `read` does. */
  readonly accepted: Promise<void>;
  /** To be called once. @throws NonFiniteError when the loss or a gradient is NaN or infinite: nothing was updated */
  readonly read: () => Promise<StepResult>;
  /** Releases what the step computed, instead of `read`. What was read is left alone. */
  readonly discard: () => void;
}

/** One run of a step, with the outputs loss and logits. */
export interface StepRun {
  readonly execution: Execution;
  /** Of the images that it computes. */
  readonly labels: Tensor;
  readonly count: number;
}

/**
 * @param applied the run that ends a step in parts; without it, there is one run, which is the whole step. Whichever is
 * last has the output finite
 * @param index steps done before this one
 */
export function startedStep(
  runs: readonly StepRun[],
  applied: Execution | undefined,
  index: number,
): StartedStep {
  const parts = runs.map(({ execution }) => execution);
  const executions = applied ? [...parts, applied] : parts;
  const accepted = settled(executions.map((execution) => execution.accepted));
  // As for a single run: errors wait for whoever reads.
  accepted.catch(() => undefined);
  const discard = (): void => {
    for (const execution of executions) execution.discard();
  };
  return { accepted, read: () => readStep(runs, applied, index), discard };
}

async function readStep(
  runs: readonly StepRun[],
  applied: Execution | undefined,
  index: number,
): Promise<StepResult> {
  const names = applied ? ['loss', 'logits'] : ['loss', 'logits', 'finite'];
  const reads = runs.map(({ execution }) => execution.read(names));
  const outputs = await Promise.all(applied ? [...reads, applied.read(['finite'])] : reads);
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  let loss = 0;
  let correct = 0;
  runs.forEach((run, i) => {
    const part = defined(outputs[i], `step ${index + 1}: part ${i}`);
    loss += scalarOf(part, 'loss') * (run.count / count);
    correct += correctCount(outputOf(part, 'logits'), run.labels);
  });
  const last = defined(outputs.at(-1), `step ${index + 1}: its last run`);
  if (scalarOf(last, 'finite') !== 1 || !Number.isFinite(loss)) {
    throw new NonFiniteError(
      `step ${index + 1}: expected a finite loss and finite gradients, got the loss ${loss}; its update was not made; try a lower learning rate`,
    );
  }
  return { loss, correct, count };
}

async function settled(promises: readonly Promise<void>[]): Promise<void> {
  await Promise.all(promises);
}
