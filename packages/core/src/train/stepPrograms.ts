// The programs that compute batches: one step program per batch size or, where a batch is computed in parts, one per size
// of part and one that applies what they have added up. Compiled when first wanted, and kept.
import type { Device, Program } from '../backend/contract.ts';
import { ProgramCache } from '../backend/programCache.ts';
import type { Graph } from '../graph/graph.ts';
import { accumulate, applySums } from './accumulate.ts';
import type { ApplyOptions, LossOptions, Model } from './model.ts';
import { step } from './model.ts';
import type { Optimizer } from './optimizers.ts';
import type { RoleOptions } from './roles.ts';
import { compileRole } from './roles.ts';

export interface AccumulationOptions {
  /**
   * Images computed at a time, by default the whole batch. A larger batch is computed in parts whose gradients are added
   * up and applied once: the same step, with the same masks, in less memory. Only batch norm sees the difference: it
   * normalizes each part by itself, and its running statistics move once a part.
   */
  readonly microBatchSize?: number;
}

export interface StepOptions extends LossOptions, ApplyOptions, AccumulationOptions, RoleOptions {
  readonly model: Model;
  readonly device: Device;
  readonly optimizer: Optimizer;
}

/** What computes a batch: its parts, one after the other, and what ends them; or one part, which is the whole step. */
export interface StepPlan {
  readonly parts: readonly [PartPlan, ...PartPlan[]];
  readonly apply: Program | undefined;
}

export interface PartPlan {
  readonly program: Program;
  /** The position in the batch of its first sample. */
  readonly first: number;
  /** How many samples it has. */
  readonly count: number;
}

export class StepPrograms implements AsyncDisposable {
  readonly #options: StepOptions;
  readonly #programs = new ProgramCache();

  constructor(options: StepOptions) {
    this.#options = options;
  }

  async plan(batch: number): Promise<StepPlan> {
    const { model, optimizer, microBatchSize = batch } = this.#options;
    if (batch <= microBatchSize) {
      const whole = (): Graph => step(model, batch, optimizer, this.#options);
      const program = await this.#program(`step ${batch}`, whole);
      return { parts: [{ program, first: 0, count: batch }], apply: undefined };
    }
    const part = async (first: number): Promise<PartPlan> => {
      const count = Math.min(microBatchSize, batch - first);
      const program = await this.#program(`part ${count}`, () => accumulate(model, count, this.#options));
      return { program, first, count };
    };
    const parts: [PartPlan, ...PartPlan[]] = [await part(0)];
    for (let first = microBatchSize; first < batch; first += microBatchSize) parts.push(await part(first));
    const apply = await this.#program('apply', () => applySums(model, optimizer, this.#options));
    return { parts, apply };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs[Symbol.asyncDispose]();
  }

  #program(role: string, graph: () => Graph): Promise<Program> {
    return this.#programs.get(role, () => compileRole(this.#options.device, role, graph(), this.#options));
  }
}
