// The programs that compute batches: one step program per batch size or, with gradient accumulation, one per part size and one
// that applies the sums. They are compiled on first use and cached.
import type { Forms } from '../arguments/forms.ts';
import { fieldsOf, optional, ranges } from '../arguments/forms.ts';
import { objects } from '../arguments/objects.ts';
import type { Device, Plan, Program } from '../backend/contract.ts';
import { ProgramCache } from '../backend/programCache.ts';
import type { Graph } from '../graph/graph.ts';
import { sameType, typeText } from '../tensor.ts';
import type { TensorType } from '../tensor.ts';
import { accumulate, applySums } from './graphs/accumulate.ts';
import type { ApplyOptions } from './graphs/apply.ts';
import { apply, MOVING_AVERAGE } from './graphs/apply.ts';
import { finiteness } from './graphs/finiteness.ts';
import type { GradientsOptions, LossOptions } from './graphs/gradients.ts';
import { gradients } from './graphs/gradients.ts';
import { step } from './graphs/step.ts';
import type { Model, ModelState } from './model.ts';
import type { Diagnosis } from './nonFinite.ts';
import type { Optimizer } from './optimizers.ts';
import type { RoleOptions } from './roles.ts';
import { compileRole, ROLES } from './roles.ts';
import { classification } from './task/classification.ts';

/** Options of gradient accumulation. */
export interface AccumulationOptions {
  /**
   * The number of samples to compute at a time. Default: the whole batch. A larger batch is computed in parts whose gradients
   * are summed and applied once: the same step, with the same dropout masks, in less memory. Only batch norm differs: it
   * normalizes each part separately and updates its running statistics once per part.
   */
  readonly microBatchSize?: number;
}

/** Options of a training step. */
export interface StepOptions extends LossOptions, ApplyOptions, AccumulationOptions, RoleOptions {
  /** The network to train. */
  readonly model: Model;
  /** The device to train on. */
  readonly device: Device;
  /** The optimizer, e.g. `sgd(...)` or `adam(...)`. */
  readonly optimizer: Optimizer;
}

export const STEP: Forms<StepOptions> = {
  model: objects.model,
  device: objects.device,
  optimizer: objects.optimizer,
  task: optional(objects.task),
  parameters: optional(objects.rules),
  clipNorm: optional(ranges.above0),
  movingAverage: optional(fieldsOf(MOVING_AVERAGE)),
  microBatchSize: optional(ranges.count),
  ...ROLES,
};

/**
 * The programs that compute a batch: its parts in sequence and the program that applies their sums, or a single part, which is
 * the whole step.
 */
export interface StepPlan {
  readonly parts: readonly [PartPlan, ...PartPlan[]];
  readonly apply: Program | undefined;
}

/** A program, and the samples of the batch that it computes. */
export interface PartPlan {
  readonly program: Program;
  /** The position of its first sample in the batch. */
  readonly first: number;
  /** The number of samples. */
  readonly count: number;
}

/** Returns the type of the labels for a number of samples. */
export type LabelsOf = (batch: number) => TensorType;

export class StepPrograms implements AsyncDisposable {
  readonly #options: StepOptions;
  readonly #state: ModelState;
  readonly #programs = new ProgramCache();
  readonly #plans = new Map<string, Plan>();

  constructor(options: StepOptions, state: ModelState) {
    this.#options = options;
    this.#state = state;
  }

  /** The plans of the compiled programs, by role. */
  get plans(): ReadonlyMap<string, Plan> {
    return this.#plans;
  }

  async plan(batch: number, labels: LabelsOf = (count) => this.#usualLabels(count)): Promise<StepPlan> {
    const { model, optimizer, microBatchSize = batch } = this.#options;
    if (batch <= microBatchSize) {
      const program = await this.#program('step', batch, labels, (options) =>
        step(model, batch, optimizer, options),
      );
      return { parts: [{ program, first: 0, count: batch }], apply: undefined };
    }
    const part = async (first: number): Promise<PartPlan> => {
      const count = Math.min(microBatchSize, batch - first);
      const program = await this.#program('part', count, labels, (options) =>
        accumulate(model, count, options),
      );
      return { program, first, count };
    };
    const parts: [PartPlan, ...PartPlan[]] = [await part(0)];
    for (let first = microBatchSize; first < batch; first += microBatchSize) parts.push(await part(first));
    const applied = await this.#compiled('apply', () =>
      applySums(model.name, this.#state, optimizer, this.#options),
    );
    return { parts, apply: applied };
  }

  /** Returns a program that computes gradients and updates nothing. */
  gradients(batch: number, labels: LabelsOf): Promise<Program> {
    const { model } = this.#options;
    return this.#program('gradients', batch, labels, (options) => gradients(model, batch, options));
  }

  /** Returns a program that applies gradients fed to it. */
  apply(): Promise<Program> {
    const { model, optimizer } = this.#options;
    return this.#compiled('apply gradients', () => apply(model.name, this.#state, optimizer, this.#options));
  }

  /** Compiles a step that updates nothing and reports which of its values are finite. It is not cached. */
  async diagnosis(batch: number, labels: LabelsOf): Promise<Diagnosis> {
    const { model, optimizer, device } = this.#options;
    const whole = step(model, batch, optimizer, { ...this.#options, labels: labels(batch) });
    return { step: whole, program: await device.compile(finiteness(whole)) };
  }

  /** Like {@link StepPrograms.diagnosis}, for {@link StepPrograms.apply}. */
  async applyDiagnosis(): Promise<Diagnosis> {
    const { model, optimizer, device } = this.#options;
    const whole = apply(model.name, this.#state, optimizer, this.#options);
    return { step: whole, program: await device.compile(finiteness(whole)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs[Symbol.asyncDispose]();
  }

  /** Returns the usual label type of a batch. */
  #usualLabels(batch: number): TensorType {
    const { model, task = classification() } = this.#options;
    return task.targets({ dtype: 'float32', shape: [batch, ...model.output.shape] })[0];
  }

  /** Compiles the program of a kind and batch size. The role includes the label type if it is not the usual one. */
  #program(
    kind: string,
    batch: number,
    labels: LabelsOf,
    graph: (options: StepOptions & GradientsOptions) => Graph,
  ): Promise<Program> {
    const type = labels(batch);
    const usual = sameType(type, this.#usualLabels(batch));
    const role = usual ? `${kind} ${batch}` : `${kind} ${batch}, labels ${typeText(type)}`;
    return this.#compiled(role, () => graph({ ...this.#options, labels: type }));
  }

  #compiled(role: string, graph: () => Graph): Promise<Program> {
    return this.#programs.get(role, async () => {
      const program = await compileRole(this.#options.device, role, graph(), this.#options);
      this.#plans.set(role, program.plan);
      return program;
    });
  }
}
