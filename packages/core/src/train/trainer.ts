// One model, one optimizer, one state on one device: takes batches, makes steps, whole or in parts.
import { checkGiven } from '../arguments/check.ts';
import { objects } from '../arguments/objects.ts';
import type { Device, Execution, Plan, Program, State } from '../backend/contract.ts';
import { outputOf, scalarOf, wanted } from '../backend/feeds.ts';
import type { NonFiniteError } from '../errors.ts';
import { DataError } from '../errors.ts';
import type { ParameterSpec } from '../initializers.ts';
import type { BufferSpec } from '../layers/scope.ts';
import { gradientName } from '../passes/grad.ts';
import { dimOf, scalar, uint32 } from '../tensor.ts';
import type { Tensors, TensorType } from '../tensor.ts';
import type { Batch } from './data/dataset.ts';
import { checkBatch, samples } from './data/batches.ts';
import { checkApart } from './graphs/accumulate.ts';
import { applyScalars } from './graphs/apply.ts';
import { averageName, bufferName } from './graphs/names.ts';
import type { BatchPosition, Gradients } from './hostGradients.ts';
import type { Model, ModelState } from './model.ts';
import { stateOf } from './model.ts';
import type { Diagnosis, SuspectRun } from './nonFinite.ts';
import { nonFiniteStep, stepNotMade } from './nonFinite.ts';
import { checkPosition, checkRate, checkStep } from './stepArguments.ts';
import type { StartedStep, StepResult } from './startedStep.ts';
import { startedStep } from './startedStep.ts';
import type { LabelsOf, StepPlan } from './stepPrograms.ts';
import { StepPrograms } from './stepPrograms.ts';
import { classification } from './task/classification.ts';
import type { Task } from './task/task.ts';
import { checkLabels } from './task/task.ts';
import type { TrainerOptions } from './trainerState.ts';
import { keptNames, startingState, TRAINER, unkeptState } from './trainerState.ts';
import { checkTrainingOptions } from './trainingOptions.ts';

/**
 * Trains a model step by step: {@link Trainer.step} for whole steps, {@link Trainer.gradients} and {@link Trainer.apply} for
 * loops that do something in between. Everything runs in the order of the calls, reads and {@link Trainer.restore} included.
 */
export class Trainer implements AsyncDisposable {
  readonly model: Model;
  readonly device: Device;
  readonly task: Task;
  /** The whole state, scratch included: see {@link Trainer.snapshot} for what is worth keeping. */
  readonly state: State;
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly #options: TrainerOptions;
  readonly #spec: ModelState;
  readonly #programs: StepPrograms;
  /** Resolves when the last call is enqueued, or has failed. */
  #last: Promise<unknown> = Promise.resolve();
  /** The error of the step that halted the training, if one did. */
  #halt: Promise<NonFiniteError> | undefined;

  private constructor(options: TrainerOptions, state: State, spec: ModelState) {
    const { model, device, task = classification() } = options;
    this.model = model;
    this.device = device;
    this.task = task;
    this.#options = options;
    this.#spec = spec;
    this.#programs = new StepPrograms(options, spec);
    this.state = state;
    this.parameters = spec.parameters;
    this.buffers = spec.buffers;
  }

  /**
   * Puts parameters, buffers and the optimizer's slots on the device.
   * @throws DataError `OPTION` telling every option that is missing, unknown, of another type or out of its range; `MISSING`,
   * `TYPE` or `UNKNOWN` for values that do not fit the model; `PARAMETER_RULE`; `COUPLED` for parts of a batch whose loss couples
   * samples
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    checkTrainingOptions('Trainer.create', options, TRAINER);
    const { model, device, parameters: rules = [], task, microBatchSize } = options;
    if (microBatchSize !== undefined) checkApart(task);
    const spec = stateOf(model, rules);
    return new Trainer(options, await device.createState(startingState(options, spec)), spec);
  }

  /** The plans of the programs compiled so far, by role: `step 256`, `part 32`, `apply`. */
  get plans(): ReadonlyMap<string, Plan> {
    return this.#programs.plans;
  }

  /**
   * Compiles what a batch size needs, for labels of the task's usual type, ahead of its first use.
   * @returns the program that computes its first samples
   */
  async prepare(batch: number): Promise<Program> {
    return (await this.#programs.plan(batch)).parts[0].program;
  }

  /**
   * Enqueues one training step. The promise resolves when the batch's memory may be used again; the step's numbers come
   * from the function that it gives. That function computes a step that was not finite once more to find the cause: write new
   * samples to the memory after it, or the error may name the wrong one.
   * @param step steps done before this one: the time of the masks
   * @throws DataError for a batch that does not fit, or a learning rate that is not a number of at least 0; NonFiniteError, from the function, when the step was not finite
   */
  async step(batch: Batch, step: number, lr: number): Promise<() => Promise<StepResult>> {
    const { accepted, read, discard } = await this.start(batch, step, lr);
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
  async start(batch: Batch, step: number, lr: number): Promise<StartedStep> {
    const { count, labels } = this.#checked(batch, step);
    checkRate(step, lr);
    const planned = this.#programs.plan(count, labels);
    return this.#inTurn(planned, (plan) => this.#enqueue(plan, batch, { count, labels, step, lr }));
  }

  /**
   * The gradients of one batch; nothing is updated. Parts of a step are told by their position, so that masks are those of
   * the whole: see `meanGradients`.
   * @throws DataError for a batch that does not fit
   */
  async gradients(batch: Batch, position: BatchPosition): Promise<Gradients> {
    checkPosition(position);
    const { count, labels } = this.#checked(batch, position.step);
    const execution = await this.#inTurn(this.#programs.gradients(count, labels), (program) =>
      program.run(this.state, this.#feeds(program, batch, position)),
    );
    const outputs = await execution.read();
    const named = (specs: readonly { name: string }[], nameOf: (name: string) => string): Tensors =>
      Object.fromEntries(specs.map(({ name }) => [name, outputOf(outputs, nameOf(name))]));
    const loss = scalarOf(outputs, 'loss');
    const output = outputOf(outputs, this.model.output.name);
    return {
      loss,
      count,
      scores: Number.isFinite(loss) ? this.task.score(output, batch.labels, batch.origins) : {},
      gradients: named(this.#spec.learned, gradientName),
      buffers: named(this.#spec.updated, bufferName),
    };
  }

  /**
   * Makes one step with gradients from {@link Trainer.gradients}, changed or not.
   * @param step steps done before this one
   * @throws NonFiniteError when they, or what would follow from them, are not finite: nothing was updated; DataError for
   * gradients that do not fit the model
   */
  async apply(all: Gradients, step: number, lr: number): Promise<void> {
    checkGiven('Trainer.apply', { gradients: [objects.gradients, all] });
    const { loss, gradients, buffers } = all;
    checkStep(step);
    checkRate(step, lr);
    const prefixed = (tensors: Tensors, nameOf: (name: string) => string): Tensors =>
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [nameOf(name), tensor]));
    const feeds = {
      loss: scalar(loss),
      ...prefixed(gradients, gradientName),
      ...prefixed(buffers, bufferName),
      ...this.#scalars(step, lr),
    };
    const execution = await this.#inTurn(this.#programs.apply(), (program) => program.run(this.state, feeds));
    const outputs = await execution.read(['finite']);
    if (scalarOf(outputs, 'finite') !== 1) {
      const diagnosis = (): Promise<Diagnosis> => this.#programs.applyDiagnosis();
      throw await this.#halted(step, loss, [{ feeds, diagnosis }]);
    }
  }

  /** Parameters and buffers, without slots: what evaluation and export need. */
  weights(): Promise<Tensors> {
    return this.#read([...this.parameters, ...this.buffers].map(({ name }) => name));
  }

  /**
   * As {@link Trainer.weights}, with the moving averages of the parameters that are learned. To evaluate them, put them on the
   * device: `state: await device.createState(await trainer.averagedWeights())`.
   * @throws DataError `OPTION` when the trainer was made without `movingAverage`
   */
  async averagedWeights(): Promise<Tensors> {
    if (!this.#options.movingAverage) {
      throw new DataError('OPTION', 'averagedWeights: the trainer keeps no averages: pass movingAverage');
    }
    const learned = new Set(this.#spec.learned.map(({ name }) => name));
    const heldAs = (name: string): string => (learned.has(name) ? averageName(name) : name);
    const names = [...this.parameters, ...this.buffers].map(({ name }) => name);
    const values = await this.#read(names.map(heldAs)); // All at once: no step comes between them.
    return Object.fromEntries(names.map((name) => [name, outputOf(values, heldAs(name))]));
  }

  /** Parameters, buffers, slots and averages: the `values` from which a stopped run goes on. */
  snapshot(): Promise<Tensors> {
    return this.#read(keptNames(this.#options, this.#spec));
  }

  /** Goes back to a {@link Trainer.snapshot}, or to other values; training that was halted can go on. */
  async restore(values: Tensors): Promise<void> {
    const all = { ...values, ...unkeptState(this.#options, this.#spec) };
    await this.#asked(() => this.state.write(all));
    this.#halt = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs[Symbol.asyncDispose]();
    await this.state[Symbol.asyncDispose]();
  }

  #read(names: Iterable<string>): Promise<Tensors> {
    return this.#asked(() => this.state.read(names));
  }

  /** Asks the state behind what was asked for before; what comes after need not wait for the answer. */
  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    const { answer } = await this.#inTurn(Promise.resolve(), () => ({ answer: ask() }));
    return answer;
  }

  /** Enqueues runs behind those that were asked for before, once what they need is compiled. */
  async #inTurn<P, T>(compiled: Promise<P>, run: (programs: P) => T): Promise<T> {
    compiled.catch(() => undefined); // It is awaited in its turn.
    const enqueued = this.#last.then(async () => run(await compiled));
    this.#last = enqueued.catch(() => undefined);
    return enqueued;
  }

  #enqueue(
    { parts, apply }: StepPlan,
    batch: Batch,
    { count: total, labels, step, lr }: StepRequest,
  ): StartedStep {
    const scalars = this.#scalars(step, lr);
    const suspects: SuspectRun[] = [];
    const runs = parts.map(({ program, first, count }) => {
      const part = apply ? samples(batch, first, count) : batch;
      const own = this.#feeds(program, part, { step, first });
      const others = apply ? { offset: scalar(first), total: scalar(total) } : scalars;
      const execution = program.run(this.state, { ...own, ...others });
      const diagnosis = (): Promise<Diagnosis> => this.#programs.diagnosis(count, labels);
      suspects.push({ feeds: { ...own, ...scalars }, first, origins: batch.origins, diagnosis });
      return { execution, labels: part.labels, origins: part.origins, count };
    });
    const applied: Execution | undefined = apply?.run(this.state, scalars);
    const halt = (loss: number): Promise<Error> => this.#halted(step, loss, suspects);
    return startedStep({ task: this.task, output: this.model.output.name, runs, applied, halt });
  }

  /** The error of the step that halted the training, or of one after it. */
  async #halted(step: number, loss: number, runs: readonly SuspectRun[]): Promise<NonFiniteError> {
    if (!this.#halt) {
      this.#halt = nonFiniteStep(step + 1, loss, this.state, runs);
      return this.#halt;
    }
    return stepNotMade(step + 1, await this.#halt);
  }

  /** @throws DataError for a batch that does not fit the model or the task, or a step that is not a whole number */
  #checked(batch: Batch, step: number): { readonly count: number; readonly labels: LabelsOf } {
    checkStep(step);
    checkBatch('batch', batch);
    const { input, output } = this.model;
    const { inputs, labels, origins } = batch;
    const count = dimOf(inputs.shape, 0);
    wanted(
      { [input.name]: inputs },
      input.name,
      { dtype: 'float32', shape: [count, ...input.shape] },
      'batch',
    );
    const type: TensorType = { dtype: 'float32', shape: [count, ...output.shape] };
    const { dtype, shape } = checkLabels(this.task, labels, type, origins);
    const one = shape.slice(1);
    return { count, labels: (part): TensorType => ({ dtype, shape: [part, ...one] }) };
  }

  #feeds(program: Program, { inputs, labels }: Batch, { step, first = 0 }: BatchPosition): Tensors {
    const random = program.graph.inputs.some(({ name }) => name === 'random')
      ? { random: uint32([3], [this.#options.seed, step, first]) }
      : {};
    return { [this.model.input.name]: inputs, labels, ...random };
  }

  #scalars(step: number, lr: number): Tensors {
    return applyScalars(this.#options.optimizer, this.#options, step, lr);
  }
}

/** What one step is made with, beside its batch. */
interface StepRequest {
  readonly count: number;
  readonly labels: LabelsOf;
  readonly step: number;
  readonly lr: number;
}
