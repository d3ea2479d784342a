// A training step in flight, in one run or in parts, and its result.
import type { Execution } from '../backend/contract.ts';
import { outputOf, scalarOf } from '../backend/feeds.ts';
import { defined } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import type { Scores, Task } from './task/task.ts';
import { addScores } from './task/task.ts';

/** The result of one step. */
export interface StepResult {
  /** The mean loss over the batch. */
  readonly loss: number;
  /** The number of samples. */
  readonly count: number;
  /** The task's metrics over the batch, before the step. */
  readonly scores: Scores;
}

/** A step in flight. */
export interface StartedStep {
  /** Resolves when the batch's memory may be reused. Rejects with the errors of `read`. */
  readonly accepted: Promise<void>;
  /**
   * Returns the result. Call it once per step, in the order of the steps: the error names the first
   * non-finite step that is read.
   * @throws NonFiniteError if the step was not finite: neither it nor any later step has updated anything
   */
  readonly read: () => Promise<StepResult>;
  /** Releases the step's outputs without reading them. Has no effect after `read`. */
  readonly discard: () => void;
}

/** One run of a step, with the outputs `loss` and the model's output. */
export interface StepRun {
  readonly execution: Execution;
  /** The labels of its samples. */
  readonly labels: Tensor;
  readonly origins: Uint32Array | undefined;
  readonly count: number;
}

/** The parts of a started step. */
export interface StepRuns {
  readonly task: Task;
  /** The name of the model's output. */
  readonly output: string;
  readonly runs: readonly StepRun[];
  /**
   * The run that applies the summed gradients of a step in parts; undefined if a single run is the whole
   * step. The last run of a step has the output `finite`.
   */
  readonly applied: Execution | undefined;
  /** Creates the error of a non-finite step. */
  readonly halt: (loss: number) => Promise<Error>;
}

export function startedStep(step: StepRuns): StartedStep {
  const parts = step.runs.map(({ execution }) => execution);
  const executions = step.applied ? [...parts, step.applied] : parts;
  const accepted = settled(executions.map((execution) => execution.accepted));
  // As for a single run, errors surface when the step is read.
  accepted.catch(() => undefined);
  const discard = (): void => {
    for (const execution of executions) execution.discard();
  };
  return { accepted, read: () => readStep(step), discard };
}

async function readStep({ task, output, runs, applied, halt }: StepRuns): Promise<StepResult> {
  const names = applied ? ['loss', output] : ['loss', output, 'finite'];
  const reads = runs.map(({ execution }) => execution.read(names));
  const outputs = await Promise.all(applied ? [...reads, applied.read(['finite'])] : reads);
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  const partOf = (i: number): (typeof outputs)[number] => defined(outputs[i], `part ${i} of a step`);
  const loss = runs.reduce((sum, run, i) => sum + scalarOf(partOf(i), 'loss') * (run.count / count), 0);
  const last = defined(outputs.at(-1), 'the last run of a step');
  if (scalarOf(last, 'finite') !== 1) throw await halt(loss);
  const scores = runs.map(({ labels, origins }, i) =>
    task.score(outputOf(partOf(i), output), labels, origins),
  );
  return { loss, count, scores: scores.reduce((sum, part) => addScores(sum, part)) };
}

async function settled(promises: readonly Promise<void>[]): Promise<void> {
  await Promise.all(promises);
}
