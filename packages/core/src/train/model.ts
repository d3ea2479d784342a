// From a network to the graphs that run it: forward, gradients, apply, step. Gradients and apply are two graphs, so that
// accumulating, clipping or exchanging gradients needs nothing new; the step is both, inlined.
import { GraphBuilder } from '../builder.ts';
import type { Value } from '../builder.ts';
import { ShapeError } from '../errors.ts';
import type { Graph } from '../graph.ts';
import type { ParameterSpec } from '../initializers.ts';
import type { Layer } from '../layers/scope.ts';
import { Scope } from '../layers/scope.ts';
import { grad, gradientName } from '../passes/grad.ts';
import { inline } from '../passes/inline.ts';
import type { Shape } from '../tensor.ts';
import { shapeText, sizeOf } from '../tensor.ts';
import type { Optimizer } from './optimizers.ts';

/** An image classifier: what it is fed, and the layers that make logits of it. */
export interface Model {
  readonly name: string;
  /** `[C, H, W]` of one image. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  readonly classes: number;
  /** `images: [N, C, H, W] -> logits: [N, classes]` */
  readonly layer: Layer;
}

/** A layer's result, for summaries and taps. */
export interface LayerOutput {
  readonly path: string;
  readonly shape: Shape;
}

export interface Forward {
  readonly graph: Graph;
  readonly parameters: readonly ParameterSpec[];
  readonly layers: readonly LayerOutput[];
}

export interface ForwardOptions {
  /** Paths of layers whose results become outputs too, under their path. */
  readonly taps?: readonly string[];
}

/**
 * `images: float32 [N, C, H, W] -> logits: float32 [N, classes]`, as for evaluation: nothing drops out.
 * @throws ShapeError when a layer does not fit its input, naming the layer
 */
export function forward(model: Model, batch: number, { taps = [] }: ForwardOptions = {}): Forward {
  const b = new GraphBuilder(`${model.name}.forward`);
  const { scope, logits } = network(b, model, batch, false);
  b.output('logits', logits);
  for (const path of taps) {
    const layer = scope.layers.find((record) => record.path === path);
    if (!layer) throw new ShapeError(`${model.name}: no layer "${path}" to tap`);
    b.output(path, layer.output);
  }
  const layers = scope.layers.map(({ path, output }) => ({ path, shape: output.shape }));
  return { graph: b.build(), parameters: scope.parameters, layers };
}

/** The learned tensors, in the order of their declaration. */
export function parametersOf(model: Model): readonly ParameterSpec[] {
  return forward(model, 1).parameters;
}

/**
 * `images: float32 [N, C, H, W], labels: int32 [N]` (and `random: uint32 [3]` where something drops out)
 * `-> loss: float32 []`, the mean over the batch, `logits: [N, classes]` and `grad/<parameter>` for each.
 */
export function gradients(model: Model, batch: number): Graph {
  const b = new GraphBuilder(`${model.name}.training`);
  const { scope, logits } = network(b, model, batch, true);
  const labels = b.input('labels', { dtype: 'int32', shape: [batch] });
  b.labelled('loss', () => {
    const target = b.op.oneHot(labels, { depth: model.classes });
    const losses = b.op.softmaxCrossEntropy(logits, target);
    const sum = b.op.reshape(b.op.reduceSum(losses, { axes: [0] }), { shape: [] });
    b.output('loss', b.op.div(sum, b.scalar(batch)));
  });
  b.output('logits', logits);
  const names = scope.parameters.map(({ name }) => name);
  return { ...grad(b.build(), 'loss', names), name: `${model.name}.gradients` };
}

/**
 * `grad/<parameter>` for each and the optimizer's scalars -> new parameters and slots, and `finite: bool []`.
 * When a gradient is NaN or infinite, finite is false and every update is what was there before.
 */
export function apply(name: string, parameters: readonly ParameterSpec[], optimizer: Optimizer): Graph {
  const b = new GraphBuilder(`${name}.apply`);
  const scalars = Object.fromEntries(
    optimizer.scalars.map((scalar) => [scalar, b.input(scalar, { dtype: 'float32', shape: [] })]),
  );
  const entries = parameters.map((parameter) => ({
    parameter,
    gradient: b.input(gradientName(parameter.name), { dtype: 'float32', shape: parameter.shape }),
    weight: b.state(parameter.name, { dtype: 'float32', shape: parameter.shape }),
    slots: optimizer.slots.map((slot) =>
      b.state(slotName(slot, parameter.name), { dtype: 'float32', shape: parameter.shape }),
    ),
  }));
  const finite = b.labelled('finite', () =>
    allFinite(
      b,
      entries.map(({ gradient }) => gradient),
    ),
  );
  b.output('finite', finite);
  for (const { parameter, gradient, weight, slots } of entries) {
    b.labelled(parameter.name, () => {
      const gate = b.op.broadcast(finite, { shape: parameter.shape });
      const next = optimizer.update(b, { parameter, gradient, weight, slots }, scalars);
      b.update(parameter.name, b.op.select(gate, next.weight, weight));
      optimizer.slots.forEach((slot, i) => {
        const [before, after] = [slots[i], next.slots[i]];
        if (before && after) b.update(slotName(slot, parameter.name), b.op.select(gate, after, before));
      });
    });
  }
  return b.build();
}

/** One training step: gradients and apply as one graph with the outputs loss, logits and finite. */
export function step(model: Model, batch: number, optimizer: Optimizer): Graph {
  const parts = [gradients(model, batch), apply(model.name, parametersOf(model), optimizer)];
  return inline(`${model.name}.step`, parts, ['loss', 'logits', 'finite']);
}

/** The state's name of an optimizer's slot, e.g. `velocity/nin1.c1.w`. */
export function slotName(slot: string, parameter: string): string {
  return `${slot}/${parameter}`;
}

function network(
  b: GraphBuilder,
  model: Model,
  batch: number,
  training: boolean,
): { scope: Scope; logits: Value } {
  const images = b.input('images', { dtype: 'float32', shape: [batch, ...model.imageShape] });
  const scope = Scope.root(b, training);
  const logits = model.layer(scope, images);
  const expected = [batch, model.classes];
  if (shapeText(logits.shape) !== shapeText(expected)) {
    throw new ShapeError(
      `${model.name}: expected logits ${shapeText(expected)}, the layers give ${shapeText(logits.shape)}`,
    );
  }
  return { scope, logits };
}

/** Whether the sum of all squares is finite: it is not as soon as one gradient is not. */
function allFinite(b: GraphBuilder, gradientValues: readonly Value[]): Value {
  const squares = gradientValues.map((gradient) => {
    const flat = b.op.reshape(gradient, { shape: [sizeOf(gradient.shape)] });
    return b.op.reduceSum(b.op.mul(flat, flat), { axes: [0] });
  });
  const [first, ...rest] = squares;
  if (!first) throw new ShapeError('a model without parameters cannot be trained');
  const total = rest.reduce((sum, square) => b.op.add(sum, square), first);
  return b.op.reshape(b.op.isFinite(total), { shape: [] });
}
