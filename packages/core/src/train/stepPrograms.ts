// The programs that compute batches: one step program per batch size or, where a batch is computed in parts, one per size
// of part and one that applies what they have added up. Compiled when first wanted, and kept.
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

/** How batches are computed in parts. */
export interface AccumulationOptions {
  /**
   * Samples computed at a time, by default the whole batch. A larger batch is computed in parts whose gradients are added
   * up and applied once: the same step, with the same masks, in less memory. Only batch norm sees the difference: it
   * normalizes each part by itself, and its running statistics move once a part.
   */
  readonly microBatchSize?: number;
}

/** What a training step is made of. */
export interface StepOptions extends LossOptions, ApplyOptions, AccumulationOptions, RoleOptions {
  /** The network that is trained. */
  readonly model: Model;
  /** Where it is trained. */
  readonly device: Device;
  /** How gradients change the weights. */
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

/** What computes a batch: its parts, one after the other, and what ends them; or one part, which is the whole step. */
export interface StepPlan {
  readonly parts: readonly [PartPlan, ...PartPlan[]];
  readonly apply: Program | undefined;
}

/** A program and the samples of the batch that it computes. */
export interface PartPlan {
  readonly program: Program;
  /** The position in the batch of its first sample. */
  readonly first: number;
  /** How many samples it has. */
  readonly count: number;
}

/** The type of the labels of a number of samples. */
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

  /** By role, the plans of the programs that were compiled. */
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

  /** Gradients alone, which update nothing. */
  gradients(batch: number, labels: LabelsOf): Promise<Program> {
    const { model } = this.#options;
    return this.#program('gradients', batch, labels, (options) => gradients(model, batch, options));
  }

  /** What applies gradients that are fed to it. */
  apply(): Promise<Program> {
    const { model, optimizer } = this.#options;
    return this.#compiled('apply gradients', () => apply(model.name, this.#state, optimizer, this.#options));
  }

  /** A step that updates nothing and says which of its values are finite; not kept. */
  async diagnosis(batch: number, labels: LabelsOf): Promise<Diagnosis> {
    const { model, optimizer, device } = this.#options;
    const whole = step(model, batch, optimizer, { ...this.#options, labels: labels(batch) });
    return { step: whole, program: await device.compile(finiteness(whole)) };
  }

  /** As {@link StepPrograms.diagnosis}, of {@link StepPrograms.apply}. */
  async applyDiagnosis(): Promise<Diagnosis> {
    const { model, optimizer, device } = this.#options;
    const whole = apply(model.name, this.#state, optimizer, this.#options);
    return { step: whole, program: await device.compile(finiteness(whole)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs[Symbol.asyncDispose]();
  }

  /** The usual type of the labels of a batch. */
  #usualLabels(batch: number): TensorType {
    const { model, task = classification() } = this.#options;
    return task.targets({ dtype: 'float32', shape: [batch, ...model.output.shape] })[0];
  }

  /** The role says what labels there are where they are not the usual ones. */
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
