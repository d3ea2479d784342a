// Runs a model in inference mode: predictions and losses.
import { checkGiven } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { optional } from '../arguments/forms.ts';
import { objects } from '../arguments/objects.ts';
import type { Device, Program, State } from '../backend/contract.ts';
import { outputOf } from '../backend/feeds.ts';
import { ProgramCache } from '../backend/programCache.ts';
import { DataError, defined } from '../errors.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';
import { copyInto, copyResults } from '../passes/copy.ts';
import { dimOf, sameType, shapeText, typeText } from '../tensor.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import { checkBatch } from './data/batches.ts';
import type { Batch } from './data/dataset.ts';
import type { Model } from './model.ts';
import { forward } from './model.ts';
import type { RoleOptions } from './roles.ts';
import { compileRole, ROLES } from './roles.ts';
import { classification } from './task/classification.ts';
import { checkLabels, lossesOf } from './task/task.ts';
import type { Task } from './task/task.ts';
import { checkTrainingOptions } from './trainingOptions.ts';

/** Options of {@link Predictor}. */
export interface PredictorOptions extends RoleOptions {
  /** The network to run. */
  readonly model: Model;
  /** The device to run on, which holds `state`. */
  readonly device: Device;
  /** The state with the weights: `trainer.state`, or `await device.createState(weights)`. */
  readonly state: State;
  /** The task that defines the losses. Default: {@link classification}. */
  readonly task?: Task;
}

export const PREDICTOR: Forms<PredictorOptions> = {
  model: objects.model,
  device: objects.device,
  state: objects.state,
  task: optional(objects.task),
  ...ROLES,
};

/**
 * Runs a model in inference mode. It compiles one program per batch size, and each may bake in the weights
 * that the state holds when that batch size is first used. After further training, create a new predictor.
 */
export class Predictor implements AsyncDisposable {
  readonly #options: PredictorOptions;
  readonly #programs = new ProgramCache();

  /** @throws DataError `OPTION` reporting every option that is missing, unknown or of the wrong type */
  constructor(options: PredictorOptions) {
    checkTrainingOptions('Predictor', options, PREDICTOR);
    this.#options = options;
  }

  /**
   * Returns the network's output. `inputs: float32 [N, ...] -> [N, ...]`, e.g. `[N, C, H, W] -> [N, classes]`
   * @throws DataError if the inputs do not fit the model
   */
  async predict(inputs: Tensor): Promise<Tensor> {
    const { model, state } = this.#options;
    checkGiven('predict', { inputs: [objects.tensor, inputs] });
    checkRank(model, inputs);
    const batch = dimOf(inputs.shape, 0);
    const program = await this.#program(`predict ${batch}`, () => forward(model, batch).graph);
    const outputs = await program.run(state, { [model.input.name]: inputs }).read([model.output.name]);
    return outputOf(outputs, model.output.name);
  }

  /**
   * Returns the network's output `[N, ...]` and the task's loss of each sample `[N]`.
   * @throws DataError if the batch does not fit the model or the task
   */
  async losses(batch: Batch): Promise<{ readonly output: Tensor; readonly losses: Tensor }> {
    const { model, state, task = classification() } = this.#options;
    checkBatch('batch', batch);
    const { inputs, labels, origins } = batch;
    checkRank(model, inputs);
    const count = dimOf(inputs.shape, 0);
    const output: TensorType = { dtype: 'float32', shape: [count, ...model.output.shape] };
    const type = checkLabels(task, labels, output, origins);
    const usual = sameType(type, task.targets(output)[0]);
    const role = usual ? `evaluate ${count}` : `evaluate ${count}, labels ${typeText(type)}`;
    const program = await this.#program(role, () => withLosses(model, count, task, type));
    const outputs = await program
      .run(state, { [model.input.name]: inputs, labels })
      .read([model.output.name, 'losses']);
    return { output: outputOf(outputs, model.output.name), losses: outputOf(outputs, 'losses') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs[Symbol.asyncDispose]();
  }

  #program(role: string, graph: () => Graph): Promise<Program> {
    const { device, state, ...roles } = this.#options;
    return this.#programs.get(role, () => compileRole(device, role, graph(), roles, { frozen: state }));
  }
}

/** Checks the rank: a single sample without a batch axis would be mistaken for a batch. */
function checkRank({ name, input }: Model, inputs: Tensor): void {
  if (inputs.shape.length === input.shape.length + 1) return;
  throw new DataError(
    'TYPE',
    `${name}: "${input.name}" expected float32 [${['N', ...input.shape].join(', ')}], got ${typeText(inputs)}; ` +
      `pass one sample as ${shapeText([1, ...input.shape])}`,
  );
}

/** Returns the inference graph with the extra input `labels` and the extra output `losses: [N]`. */
function withLosses(model: Model, batch: number, task: Task, labels: TensorType): Graph {
  const { graph } = forward(model, batch);
  const b = new GraphBuilder(`${model.name}.evaluate`);
  const at = copyInto(b, graph);
  copyResults(b, graph, at);
  const output = defined(
    graph.outputs.find(({ name }) => name === model.output.name),
    `the output of ${model.name}`,
  );
  b.within({ layer: 'loss' }, () => {
    b.output('losses', lossesOf(task, b, at(output.value), b.input('labels', labels)));
  });
  return b.build();
}
