// One model, one optimizer, one state on one device, and the programs that share it: a step program per batch size.
import type { Device, Execution, Program, State } from '../backend.ts';
import { NonFiniteError } from '../errors.ts';
import type { ParameterSpec } from '../initializers.ts';
import { float32, scalar, uint32 } from '../tensor.ts';
import type { Tensors } from '../tensor.ts';
import type { Batch } from './batches.ts';
import { correctCount } from './metrics.ts';
import type { Model } from './model.ts';
import { parametersOf, slotName, step } from './model.ts';
import type { Optimizer } from './optimizers.ts';

export interface TrainerOptions {
  readonly model: Model;
  readonly device: Device;
  readonly optimizer: Optimizer;
  /** Parameters by name; slots too when a run goes on, otherwise they start at zero. */
  readonly values: Tensors;
  /** Of the masks. */
  readonly seed: number;
}

/** What one step gave. */
export interface StepResult {
  /** The mean over the batch. */
  readonly loss: number;
  readonly correct: number;
  readonly count: number;
}

export class Trainer implements AsyncDisposable {
  readonly model: Model;
  readonly device: Device;
  readonly state: State;
  readonly parameters: readonly ParameterSpec[];
  readonly #optimizer: Optimizer;
  readonly #seed: number;
  readonly #programs = new Map<number, Program>();

  private constructor(options: TrainerOptions, state: State, parameters: readonly ParameterSpec[]) {
    this.model = options.model;
    this.device = options.device;
    this.#optimizer = options.optimizer;
    this.#seed = options.seed;
    this.state = state;
    this.parameters = parameters;
  }

  /** Puts the parameters and the optimizer's slots on the device. */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const { model, device, optimizer, values } = options;
    const parameters = parametersOf(model);
    const slots = parameters.flatMap(({ name, shape }) =>
      optimizer.slots.map((slot) => [slotName(slot, name), float32(shape)] as const),
    );
    const state = await device.createState({ ...Object.fromEntries(slots), ...values });
    return new Trainer(options, state, parameters);
  }

  /** Compiles the step for a batch size ahead of its first use. */
  async prepare(batch: number): Promise<Program> {
    const known = this.#programs.get(batch);
    if (known) return known;
    const program = await this.device.compile(step(this.model, batch, this.#optimizer));
    this.#programs.set(batch, program);
    return program;
  }

  /**
   * Enqueues one training step. The promise resolves when the batch's memory may be used again; the step's numbers come
   * from the function that it gives.
   * @param stepIndex steps done before this one: the time of the masks
   */
  async step(batch: Batch, stepIndex: number, lr: number): Promise<() => Promise<StepResult>> {
    const count = batch.labels.shape[0] ?? 0;
    const program = await this.prepare(count);
    const scalars = Object.entries(this.#optimizer.scalarsAt(stepIndex, lr));
    const feeds: Tensors = {
      images: batch.images,
      labels: batch.labels,
      ...Object.fromEntries(scalars.map(([name, value]) => [name, scalar(value)])),
      ...(program.graph.inputs.some(({ name }) => name === 'random')
        ? { random: uint32([3], [this.#seed, stepIndex, 0]) }
        : {}),
    };
    const execution = program.run(this.state, feeds);
    await execution.accepted;
    return () => readStep(execution, batch, count, stepIndex);
  }

  /** The parameters alone, without slots. */
  weights(): Promise<Tensors> {
    return this.state.read(this.parameters.map(({ name }) => name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.values()) await program[Symbol.asyncDispose]();
    this.#programs.clear();
    await this.state[Symbol.asyncDispose]();
  }
}

async function readStep(
  execution: Execution,
  { labels }: Batch,
  count: number,
  index: number,
): Promise<StepResult> {
  const { loss, logits, finite } = await execution.read(['loss', 'logits', 'finite']);
  const value = loss?.data[0] ?? NaN;
  if (finite?.data[0] !== 1 || !Number.isFinite(value)) {
    throw new NonFiniteError(
      `step ${index + 1}: expected a finite loss and finite gradients, got the loss ${value}; its update was not made; try a lower learning rate`,
    );
  }
  return { loss: value, correct: logits ? correctCount(logits, labels) : 0, count };
}
