// One model, one optimizer, one state on one device: takes batches, makes steps, whole or in parts.
import type { Device, Program, State } from '../backend/contract.ts';
import { wanted } from '../backend/feeds.ts';
import type { ParameterSpec } from '../initializers.ts';
import type { BufferSpec } from '../layers/scope.ts';
import { dimOf, float32, scalar, sizeOf, uint32 } from '../tensor.ts';
import type { Shape, Tensor, Tensors } from '../tensor.ts';
import { scratch } from './accumulate.ts';
import type { Batch } from './batches.ts';
import { checkWhole, samples } from './batches.ts';
import type { Model } from './model.ts';
import { slotName, stateOf } from './model.ts';
import type { StartedStep, StepResult } from './startedStep.ts';
import { startedStep } from './startedStep.ts';
import type { StepOptions, StepPlan } from './stepPrograms.ts';
import { StepPrograms } from './stepPrograms.ts';

export interface TrainerOptions extends StepOptions {
  /** Parameters by name; buffers and slots too when a run goes on, otherwise they start as declared. */
  readonly values: Tensors;
  /** Of the masks. */
  readonly seed: number;
}

export class Trainer implements AsyncDisposable {
  readonly model: Model;
  readonly device: Device;
  /** The whole state, scratch included: see {@link Trainer.snapshot} for what is worth keeping. */
  readonly state: State;
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly #options: TrainerOptions;
  readonly #programs: StepPrograms;
  /** Resolves when the step that was started last is enqueued, or has failed to be. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: TrainerOptions, state: State, spec: ReturnType<typeof stateOf>) {
    this.model = options.model;
    this.device = options.device;
    this.#options = options;
    this.#programs = new StepPrograms(options);
    this.state = state;
    this.parameters = spec.parameters;
    this.buffers = spec.buffers;
  }

  /**
   * Puts parameters, buffers and the optimizer's slots on the device.
   * @throws DataError `BATCHES` when `microBatchSize` is no whole number of 1 or more
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const { model, device, optimizer, values, microBatchSize } = options;
    if (microBatchSize !== undefined) checkWhole('microBatchSize', microBatchSize, 1);
    const spec = stateOf(model);
    const { parameters, buffers } = spec;
    const slots = parameters.flatMap(({ name, shape }) =>
      optimizer.slots.map((slot) => [slotName(slot, name), float32(shape)] as const),
    );
    const running = buffers.map(({ name, shape, initial }) => [name, filled(shape, initial)] as const);
    const initial = Object.fromEntries([...slots, ...running]);
    const extra = microBatchSize === undefined ? {} : scratch(spec);
    return new Trainer(options, await device.createState({ ...extra, ...initial, ...values }), spec);
  }

  /** Compiles what a batch size needs ahead of its first use. @returns the program that computes its first images */
  async prepare(batch: number): Promise<Program> {
    return (await this.#programs.plan(batch)).parts[0].program;
  }

  /**
   * Enqueues one training step. The promise resolves when the batch's memory may be used again; the step's numbers come
   * from the function that it gives.
   * @param stepIndex steps done before this one: the time of the masks
   */
  async step(batch: Batch, stepIndex: number, lr: number): Promise<() => Promise<StepResult>> {
    const { accepted, read, discard } = await this.start(batch, stepIndex, lr);
    try {
      await accepted;
    } catch (error) {
      discard();
      throw error;
    }
    return read;
  }

  /**
   * As {@link Trainer.step}, but resolves as soon as the step is enqueued: the batch's memory may still be read. Steps are
   * enqueued in the order of the calls.
   */
  async start(batch: Batch, stepIndex: number, lr: number): Promise<StartedStep> {
    const planned = this.#programs.plan(dimOf(batch.labels.shape, 0));
    planned.catch(() => undefined); // It is awaited in the step's turn.
    const started = this.#last.then(async () => this.#enqueue(await planned, batch, stepIndex, lr));
    this.#last = started.catch(() => undefined);
    return started;
  }

  #enqueue({ parts, apply }: StepPlan, batch: Batch, stepIndex: number, lr: number): StartedStep {
    const { model, optimizer, seed } = this.#options;
    const total = dimOf(batch.labels.shape, 0);
    if (apply) checkBatch(batch, total, model);
    const scalars = scalarFeeds(optimizer.scalarsAt(stepIndex, lr));
    const runs = parts.map(({ program, first, count }) => {
      const { images, labels } = apply ? samples(batch, first, count) : batch;
      const random = program.graph.inputs.some(({ name }) => name === 'random')
        ? { random: uint32([3], [seed, stepIndex, first]) }
        : {};
      const others = apply ? scalarFeeds({ offset: first, total }) : scalars;
      const execution = program.run(this.state, { images, labels, ...random, ...others });
      return { execution, labels, count };
    });
    return startedStep(runs, apply?.run(this.state, scalars), stepIndex);
  }

  /** Parameters and buffers, without slots: what evaluation and export need. */
  weights(): Promise<Tensors> {
    return this.state.read([...this.parameters, ...this.buffers].map(({ name }) => name));
  }

  /** Parameters, buffers and slots: the `values` from which a stopped run goes on. */
  snapshot(): Promise<Tensors> {
    const { slots } = this.#options.optimizer;
    const kept = this.parameters.flatMap(({ name }) => slots.map((slot) => slotName(slot, name)));
    return this.state.read([...[...this.parameters, ...this.buffers].map(({ name }) => name), ...kept]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs[Symbol.asyncDispose]();
    await this.state[Symbol.asyncDispose]();
  }
}

function filled(shape: Shape, value: number): Tensor {
  return float32(shape, new Float32Array(sizeOf(shape)).fill(value));
}

function scalarFeeds(values: Readonly<Record<string, number>>): Tensors {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, scalar(value)]));
}

/** Parts are cut to what their programs want, and would hide that the batch does not fit. @throws DataError */
function checkBatch(batch: Batch, total: number, { imageShape }: Model): void {
  wanted({ ...batch }, 'images', { dtype: 'float32', shape: [total, ...imageShape] }, 'feeds');
  wanted({ ...batch }, 'labels', { dtype: 'int32', shape: [total] }, 'feeds');
}
