// Trains one model with one optimizer and one state on one device, in whole steps or in parts.
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
 * custom loops. All operations, including reads and {@link Trainer.restore}, take effect in call order.
 */
export class Trainer implements AsyncDisposable {
  readonly model: Model;
  readonly device: Device;
  readonly task: Task;
  /** The whole state, including scratch values. {@link Trainer.snapshot} returns the part worth saving. */
  readonly state: State;
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly #options: TrainerOptions;
  readonly #spec: ModelState;
  readonly #programs: StepPrograms;
  /** Resolves when the last operation is enqueued or has failed. */
  #last: Promise<unknown> = Promise.resolve();
  /** The error of the step that halted training, if any. */
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
   * Creates a trainer: uploads parameters, buffers and the optimizer's slots to the device.
   * @throws DataError `OPTION` reporting every option that is missing, unknown, of the wrong type or out of range; `MISSING`,
   * `TYPE` or `UNKNOWN` for values that do not fit the model; `PARAMETER_RULE`; `COUPLED` for `microBatchSize` with a loss that
   * couples samples
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
   * Compiles the programs for a batch size ahead of its first use, for labels of the task's usual type.
   * @returns the program that computes the first samples
   */
  async prepare(batch: number): Promise<Program> {
    return (await this.#programs.plan(batch)).parts[0].program;
  }

  /**
   * Enqueues one training step. When the batch's memory may be reused, the promise resolves to a function
   * that returns the step's result. That function repeats a non-finite step to find the cause, so do not
   * overwrite the batch before calling it: otherwise the error may name the wrong cause.
   * @param step the number of steps before this one, which also selects the dropout masks
   * @throws DataError for a batch that does not fit the model or the task, or a learning rate that is not a
   * number of at least 0; NonFiniteError, from the function, if the step was not finite
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
   * Like {@link Trainer.step}, but resolves as soon as the step is enqueued, while the batch's memory may still be in use.
   * Steps are enqueued in call order.
   */
  async start(batch: Batch, step: number, lr: number): Promise<StartedStep> {
    const { count, labels } = this.#checked(batch, step);
    checkRate(step, lr);
    const planned = this.#programs.plan(count, labels);
    return this.#inTurn(planned, (plan) => this.#enqueue(plan, batch, { count, labels, step, lr }));
  }

  /**
   * Computes the gradients of one batch without updating anything. The position identifies a part of a step,
   * so that the part uses the dropout masks of the whole batch; see `meanGradients`.
   * @throws DataError for a batch that does not fit the model or the task
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
   * Applies gradients from {@link Trainer.gradients}, modified or not, as one step.
   * @param step the number of steps before this one
   * @throws NonFiniteError if the gradients or the resulting values are not finite, in which case nothing is updated; DataError
   * for gradients that do not fit the model
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

  /** Returns parameters and buffers, without slots, for evaluation and export. */
  weights(): Promise<Tensors> {
    return this.#read([...this.parameters, ...this.buffers].map(({ name }) => name));
  }

  /**
   * Like {@link Trainer.weights}, but with the moving averages of the learned parameters. To evaluate them, upload them:
   * `state: await device.createState(await trainer.averagedWeights())`.
   * @throws DataError `OPTION` if the trainer was created without `movingAverage`
   */
  async averagedWeights(): Promise<Tensors> {
    if (!this.#options.movingAverage) {
      throw new DataError(
        'OPTION',
        'averagedWeights: the trainer keeps no averages; create it with movingAverage',
      );
    }
    const learned = new Set(this.#spec.learned.map(({ name }) => name));
    const heldAs = (name: string): string => (learned.has(name) ? averageName(name) : name);
    const names = [...this.parameters, ...this.buffers].map(({ name }) => name);
    const values = await this.#read(names.map(heldAs)); // A single read, so that no step runs in between.
    return Object.fromEntries(names.map((name) => [name, outputOf(values, heldAs(name))]));
  }

  /** Returns parameters, buffers, slots and averages: the `values` with which to resume a stopped run. */
  snapshot(): Promise<Tensors> {
    return this.#read(keptNames(this.#options, this.#spec));
  }

  /** Writes the values of a {@link Trainer.snapshot}, or other values. Halted training can then continue. */
  async restore(values: Tensors): Promise<void> {
    const all = { ...values, ...unkeptState(this.#options, this.#spec) };
    await this.#queued(() => this.state.write(all));
    this.#halt = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs[Symbol.asyncDispose]();
    await this.state[Symbol.asyncDispose]();
  }

  #read(names: Iterable<string>): Promise<Tensors> {
    return this.#queued(() => this.state.read(names));
  }

  /** Starts an operation on the state after all earlier ones have started. Later operations do not wait for its result. */
  async #queued<T>(operation: () => Promise<T>): Promise<T> {
    const { result } = await this.#inTurn(Promise.resolve(), () => ({ result: operation() }));
    return result;
  }

  /** Enqueues runs after all earlier ones, once their programs are compiled. */
  async #inTurn<P, T>(compiled: Promise<P>, run: (programs: P) => T): Promise<T> {
    compiled.catch(() => undefined); // Awaited in its turn.
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

  /** Returns the error of the step that halted training, or the error of a later step. */
  async #halted(step: number, loss: number, runs: readonly SuspectRun[]): Promise<NonFiniteError> {
    if (!this.#halt) {
      this.#halt = nonFiniteStep(step + 1, loss, this.state, runs);
      return this.#halt;
    }
    return stepNotMade(step + 1, await this.#halt);
  }

  /** @throws DataError for a batch that does not fit the model or the task, or a step that is not an integer */
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

/** The parameters of one step, other than its batch. */
interface StepRequest {
  readonly count: number;
  readonly labels: LabelsOf;
  readonly step: number;
  readonly lr: number;
}
