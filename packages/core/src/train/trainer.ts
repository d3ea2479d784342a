// One model, one optimizer, one state on one device, and the programs that share it: a step program per batch size.
import type { Device, Execution, Program, State } from '../backend.ts';
import { NonFiniteError } from '../errors.ts';
import type { ParameterSpec } from '../initializers.ts';
import type { BufferSpec } from '../layers/scope.ts';
import { float32, scalar, sizeOf, uint32 } from '../tensor.ts';
import type { Shape, Tensor, Tensors } from '../tensor.ts';
import type { Batch } from './batches.ts';
import { correctCount } from './metrics.ts';
import type { ApplyOptions, LossOptions, Model } from './model.ts';
import { slotName, stateOf, step } from './model.ts';
import type { Optimizer } from './optimizers.ts';

export interface TrainerOptions extends LossOptions, ApplyOptions {
  readonly model: Model;
  readonly device: Device;
  readonly optimizer: Optimizer;
  /** Parameters by name; buffers and slots too when a run goes on, otherwise they start as declared. */
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
  readonly buffers: readonly BufferSpec[];
  readonly #options: TrainerOptions;
  readonly #programs = new Map<number, Program>();

  private constructor(options: TrainerOptions, state: State, spec: ReturnType<typeof stateOf>) {
    this.model = options.model;
    this.device = options.device;
    this.#options = options;
    this.state = state;
    this.parameters = spec.parameters;
    this.buffers = spec.buffers;
  }

  /** Puts parameters, buffers and the optimizer's slots on the device. */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const { model, device, optimizer, values } = options;
    const spec = stateOf(model);
    const { parameters, buffers } = spec;
    const slots = parameters.flatMap(({ name, shape }) =>
      optimizer.slots.map((slot) => [slotName(slot, name), float32(shape)] as const),
    );
    const running = buffers.map(({ name, shape, initial }) => [name, filled(shape, initial)] as const);
    const initial = Object.fromEntries([...slots, ...running]);
    return new Trainer(options, await device.createState({ ...initial, ...values }), spec);
  }

  /** Compiles the step for a batch size ahead of its first use. */
  async prepare(batch: number): Promise<Program> {
    const known = this.#programs.get(batch);
    if (known) return known;
    const program = await this.device.compile(
      step(this.model, batch, this.#options.optimizer, this.#options),
    );
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
    const scalars = Object.entries(this.#options.optimizer.scalarsAt(stepIndex, lr));
    const feeds: Tensors = {
      images: batch.images,
      labels: batch.labels,
      ...Object.fromEntries(scalars.map(([name, value]) => [name, scalar(value)])),
      ...(program.graph.inputs.some(({ name }) => name === 'random')
        ? { random: uint32([3], [this.#options.seed, stepIndex, 0]) }
        : {}),
    };
    const execution = program.run(this.state, feeds);
    await execution.accepted;
    return () => readStep(execution, batch, count, stepIndex);
  }

  /** Parameters and buffers, without slots: what evaluation and export need. */
  weights(): Promise<Tensors> {
    return this.state.read([...this.parameters, ...this.buffers].map(({ name }) => name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.values()) await program[Symbol.asyncDispose]();
    this.#programs.clear();
    await this.state[Symbol.asyncDispose]();
  }
}

function filled(shape: Shape, value: number): Tensor {
  return float32(shape, new Float32Array(sizeOf(shape)).fill(value));
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
