// From a network to the graphs that run it: forward, gradients, apply, step. Gradients and apply are two graphs, so that
// accumulating, clipping or exchanging gradients needs nothing new; the step is both, inlined.
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { ShapeError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { ParameterSpec } from '../initializers.ts';
import type { BufferSpec, Layer } from '../layers/scope.ts';
import { Scope } from '../layers/scope.ts';
import { grad, gradientName } from '../passes/grad.ts';
import { inline } from '../passes/inline.ts';
import type { Shape } from '../tensor.ts';
import { dimOf, shapeText } from '../tensor.ts';
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

/** How the loss is taken. */
export interface LossOptions {
  /** The part of each target that is spread evenly over all classes (Szegedy et al. 2016, section 7); default 0. */
  readonly labelSmoothing?: number;
}

/** What is done to the gradients before the optimizer sees them. */
export interface ApplyOptions {
  /** Gradients whose global norm is above this are scaled down to it (Pascanu et al. 2013, algorithm 1). */
  readonly clipNorm?: number;
}

/** A layer's result, for summaries and taps. */
export interface LayerOutput {
  readonly path: string;
  readonly shape: Shape;
}

export interface Forward {
  readonly graph: Graph;
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
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
  return { graph: b.build(), parameters: scope.parameters, buffers: scope.buffers, layers };
}

/** Everything of a model that has a value. */
export type ModelState = Pick<Forward, 'parameters' | 'buffers'>;

/**
 * What the model is made of, in the order of declaration. Taken from the training network: auxiliary branches are in it,
 * though a forward graph does not run them.
 */
export function stateOf(model: Model): ModelState {
  const { parameters, buffers } = network(new GraphBuilder(model.name), model, 1, true).scope;
  return { parameters, buffers };
}

/**
 * `images: float32 [N, C, H, W], labels: int32 [N]` (and `random: uint32 [3]` where something drops out)
 * `-> loss: float32 []`, the mean over the batch, `logits: [N, classes]`, `buffer/<buffer>` for each: the value that it is
 * to have after the step, and `grad/<parameter>` for each. Auxiliary outputs add their weighted losses. Nothing is updated.
 */
export function gradients(model: Model, batch: number, { labelSmoothing = 0 }: LossOptions = {}): Graph {
  const b = new GraphBuilder(`${model.name}.training`);
  const { scope, logits } = network(b, model, batch, true);
  const labels = b.input('labels', { dtype: 'int32', shape: [batch] });
  b.within({ layer: 'loss' }, () => {
    const target = smoothed(b, b.op.oneHot(labels, { depth: model.classes }), labelSmoothing);
    const main = meanLoss(b, logits, target);
    const total = scope.auxiliaries.reduce((sum, auxiliary) => {
      const loss = meanLoss(b, auxiliary.logits, target);
      return b.op.add(sum, b.op.mul(loss, b.scalar(auxiliary.weight)));
    }, main);
    b.output('loss', total);
  });
  b.output('logits', logits);
  for (const [name, value] of scope.bufferValues) b.output(bufferName(name), value);
  const names = scope.parameters.map(({ name }) => name);
  return { ...grad(b.build(), 'loss', names), name: `${model.name}.gradients` };
}

/**
 * `grad/<parameter>` and `buffer/<buffer>` for each and the optimizer's scalars -> new parameters, slots and buffers, and
 * `finite: bool []`. When a gradient or a buffer is NaN or infinite, finite is false and every update is what was there
 * before.
 */
export function apply(
  name: string,
  { parameters, buffers }: ModelState,
  optimizer: Optimizer,
  { clipNorm }: ApplyOptions = {},
): Graph {
  const b = new GraphBuilder(`${name}.apply`, 'update');
  const scalars = Object.fromEntries(
    optimizer.scalars.map((scalar) => [scalar, b.input(scalar, { dtype: 'float32', shape: [] })]),
  );
  const learned = parameters.map((parameter) => ({
    parameter,
    gradient: b.input(gradientName(parameter.name), { dtype: 'float32', shape: parameter.shape }),
    weight: b.state(parameter.name, { dtype: 'float32', shape: parameter.shape }),
    slots: optimizer.slots.map((slot) =>
      b.state(slotName(slot, parameter.name), { dtype: 'float32', shape: parameter.shape }),
    ),
  }));
  const kept = buffers.map(({ name: buffer, shape }) => ({
    buffer,
    before: b.state(buffer, { dtype: 'float32', shape }),
    after: b.input(bufferName(buffer), { dtype: 'float32', shape }),
  }));
  const { finite, scale } = b.within({ layer: 'finite' }, () => {
    const norm = b.op.globalNorm(...learned.map(({ gradient }) => gradient));
    const afters = kept.map(({ after }) => after);
    const all = afters.length === 0 ? norm : b.op.add(norm, b.op.globalNorm(...afters));
    return {
      finite: b.op.isFinite(all),
      scale: clipNorm === undefined ? undefined : clipScale(b, norm, clipNorm),
    };
  });
  b.output('finite', finite);
  const commit = (state: string, before: Value, after: Value): void =>
    b.update(state, b.op.select(b.op.broadcast(finite, { shape: before.shape }), after, before));

  for (const { parameter, gradient, weight, slots } of learned) {
    b.within({ layer: parameter.name }, () => {
      const { shape } = parameter;
      const clipped = scale ? b.op.mul(gradient, b.op.broadcast(scale, { shape })) : gradient;
      const next = optimizer.update(b, { parameter, gradient: clipped, weight, slots }, scalars);
      commit(parameter.name, weight, next.weight);
      optimizer.slots.forEach((slot, i) => {
        const [before, after] = [slots[i], next.slots[i]];
        if (before && after) commit(slotName(slot, parameter.name), before, after);
      });
    });
  }
  for (const { buffer, before, after } of kept)
    b.within({ layer: buffer }, () => commit(buffer, before, after));
  return b.build();
}

/** What gradients of this norm are multiplied by: 1 up to the limit. `[] -> []` */
function clipScale(b: GraphBuilder, norm: Value, clipNorm: number): Value {
  const limit = b.scalar(clipNorm);
  return b.op.div(limit, b.op.max(norm, limit));
}

/** One training step: gradients and apply as one graph with the outputs loss, logits and finite. */
export function step(
  model: Model,
  batch: number,
  optimizer: Optimizer,
  options: LossOptions & ApplyOptions = {},
): Graph {
  const parts = [gradients(model, batch, options), apply(model.name, stateOf(model), optimizer, options)];
  return inline(`${model.name}.step`, parts, ['loss', 'logits', 'finite']);
}

/** The state's name of an optimizer's slot, e.g. `velocity/nin1.c1.w`. */
export function slotName(slot: string, parameter: string): string {
  return `${slot}/${parameter}`;
}

/** The output of the gradients graph that holds a buffer's next value, e.g. `buffer/nin1.c1.bn.mean`. */
export function bufferName(buffer: string): string {
  return `buffer/${buffer}`;
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

/** The mean over the batch. `logits, target: [N, K] -> []` */
function meanLoss(b: GraphBuilder, logits: Value, target: Value): Value {
  const losses = b.op.softmaxCrossEntropy(logits, target);
  const sum = b.op.reshape(b.op.reduceSum(losses, { axes: [0] }), { shape: [] });
  return b.op.div(sum, b.scalar(dimOf(losses.shape, 0)));
}

/** (1 - smoothing) * target + smoothing / K */
function smoothed(b: GraphBuilder, target: Value, smoothing: number): Value {
  if (smoothing === 0) return target;
  const { shape } = target;
  const kept = b.op.mul(target, b.fill(1 - smoothing, shape));
  return b.op.add(kept, b.fill(smoothing / dimOf(shape, 1), shape));
}
