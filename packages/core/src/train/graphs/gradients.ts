// The gradients graph: one batch in training mode, its loss, and the gradient of every learned parameter.
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Value } from '../../graph/value.ts';
import { defined, ShapeError } from '../../errors.ts';
import type { AuxiliaryOutput } from '../../layers/scope.ts';
import { grad } from '../../passes/grad.ts';
import type { TensorType } from '../../tensor.ts';
import { dimOf, sameType, typeText } from '../../tensor.ts';
import type { Model, ModelState } from '../model.ts';
import { modelState, network } from '../model.ts';
import type { ParameterRule } from '../parameterRules.ts';
import { classification } from '../task/classification.ts';
import type { Task } from '../task/task.ts';
import { lossesOf } from '../task/task.ts';
import { bufferName } from './names.ts';
import { checkStatistics } from './statistics.ts';

/** The options that define the loss and the learned parameters. */
export interface LossOptions {
  /** Default: {@link classification}. */
  readonly task?: Task;
  /** Rules for parameters that are frozen or trained with other settings. Default: none. */
  readonly parameters?: readonly ParameterRule[];
}

/** Options of {@link gradients}. */
export interface GradientsOptions extends LossOptions {
  /** The type of the batch's labels, one of the types that the task accepts. Default: the first. */
  readonly labels?: TensorType;
}

/** The gradients graph, and the state that its network declares. */
export interface TrainingGraph {
  readonly graph: Graph;
  readonly state: ModelState;
}

/**
 * Builds the gradients graph. Inputs: `<input>: float32 [N, ...]`, `labels: [N, ...]` and, with dropout, `random: uint32 [3]`.
 * Outputs: `loss: float32 []` (the mean over the batch), `<output>: [N, ...]`, `buffer/<buffer>` (the next value of each buffer
 * that training updates) and `grad/<parameter>` for each learned parameter. Auxiliary outputs add their weighted losses. The
 * graph updates nothing. A graph cannot reject labels: check them with {@link Task.check}, as `Trainer` does; otherwise labels
 * outside the classes count as no class.
 * @param batch N
 * @throws ShapeError if a layer does not fit its input, or batch norm has one value per channel; DataError `PARAMETER_RULE`;
 * GraphError if the task does not return one loss per sample
 */
export function gradients(model: Model, batch: number, options: GradientsOptions = {}): Graph {
  return trainingGraph(model, batch, options).graph;
}

/** Like {@link gradients}, but also returns the model's state. */
export function trainingGraph(model: Model, batch: number, options: GradientsOptions = {}): TrainingGraph {
  const { graph, state } = lossGraph(model, batch, options);
  const names = state.learned.map(({ name }) => name);
  return { graph: { ...grad(graph, 'loss', names), name: `${model.name}.gradients` }, state };
}

/**
 * Builds the network in training mode with its loss: the graph of {@link gradients} without gradients. No op is decomposed.
 * @throws the errors of {@link gradients}
 */
export function loss(model: Model, batch: number, options: GradientsOptions = {}): Graph {
  return lossGraph(model, batch, options).graph;
}

function lossGraph(model: Model, batch: number, options: GradientsOptions): TrainingGraph {
  const { task = classification(), parameters: rules = [] } = options;
  const b = new GraphBuilder(`${model.name}.loss`);
  const { scope, output } = network(b, model, batch, { training: true, rules });
  const [usual] = task.targets(output);
  const labels = b.input('labels', options.labels ?? usual);
  b.within({ layer: 'loss' }, () => {
    const main = meanLoss(b, task, output, labels);
    const total = scope.auxiliaries.reduce((sum, auxiliary) => {
      checkAuxiliary(auxiliary, output);
      const own = meanLoss(b, task, auxiliary.output, labels);
      return b.op.add(sum, b.op.mul(own, b.scalar(auxiliary.weight)));
    }, main);
    b.output('loss', total);
  });
  b.output(model.output.name, output);
  const state = modelState(model, scope, rules);
  for (const { name } of state.updated) {
    b.output(bufferName(name), defined(scope.bufferValues.get(name), `the next value of "${name}"`));
  }
  const graph = b.build();
  checkStatistics(graph);
  return { graph, state };
}

/**
 * Checks that an auxiliary output has the type of the main output. With fewer classes, for example, some labels would count as
 * no class.
 */
function checkAuxiliary({ name, output }: AuxiliaryOutput, own: Value): void {
  if (sameType(output, own)) return;
  throw new ShapeError(
    `layer "${name}": expected an auxiliary output ${typeText(own)}, like the main output, got ${typeText(output)}`,
  );
}

/** Returns the mean loss over the batch. `output: [N, ...], labels: [N, ...] -> []` */
function meanLoss(b: GraphBuilder, task: Task, output: Value, labels: Value): Value {
  const losses = lossesOf(task, b, output, labels);
  const sum = b.op.reshape(b.op.reduceSum(losses, { axes: [0] }), { shape: [] });
  return b.op.div(sum, b.scalar(dimOf(losses.shape, 0)));
}
