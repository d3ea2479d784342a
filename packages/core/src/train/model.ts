// A network and what is known about it without running it: its forward graph, and the state that it declares.
import { checkGiven } from '../arguments/check.ts';
import { ranges } from '../arguments/forms.ts';
import { objects } from '../arguments/objects.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { ShapeError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { ParameterSpec } from '../initializers.ts';
import type { BufferSpec, Layer } from '../layers/scope.ts';
import { applied, Scope } from '../layers/scope.ts';
import type { Shape } from '../tensor.ts';
import { shapeText } from '../tensor.ts';
import type { LearnedParameter, ParameterRule } from './parameterRules.ts';
import { parameterSettings, settingsOf } from './parameterRules.ts';

/** The input or the output of a network: its name in graphs and exported files, and the shape of one sample. */
export interface SampleSpec {
  /** The name in graphs and exported files. */
  readonly name: string;
  /** Without the axis of the batch: `[C, H, W]` of an image, `[K]` of a row of numbers. */
  readonly shape: Shape;
}

/** A network: what it is fed, what it gives, and the layers between. */
export interface Model {
  /** For messages, run folders and exported files. */
  readonly name: string;
  /** float32, e.g. `{ name: 'images', shape: [1, 28, 28] }`. */
  readonly input: SampleSpec;
  /** float32, e.g. `{ name: 'logits', shape: [10] }`. */
  readonly output: SampleSpec;
  /** `x: [N, ...input.shape] -> [N, ...output.shape]` */
  readonly layer: Layer;
}

/** A model that gives one logit per class for each image. */
export interface ImageClassifier extends Model {
  readonly input: {
    readonly name: string;
    readonly shape: readonly [channels: number, height: number, width: number];
  };
  readonly output: { readonly name: string; readonly shape: readonly [classes: number] };
}

/** A layer's result, for summaries and taps. */
export interface LayerOutput {
  readonly path: string;
  readonly shape: Shape;
}

/** The forward graph of a model, and what the model is made of. */
export interface Forward {
  readonly graph: Graph;
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly layers: readonly LayerOutput[];
}

/** Options of {@link forward}. */
export interface ForwardOptions {
  /** Paths of layers whose results become outputs too, under their path. */
  readonly taps?: readonly string[];
}

/**
 * The inference graph: `<input>: float32 [N, ...] -> <output>: float32 [N, ...]`, under the names that the model gives them.
 * Dropout is the identity, batch norm uses its running statistics.
 * @param batch N
 * @throws ShapeError when a layer does not fit its input, naming the layer, or the result is not the model's output; DataError
 * `OPTION` for what is not a model or a number of samples
 */
export function forward(model: Model, batch: number, { taps = [] }: ForwardOptions = {}): Forward {
  checkGiven('forward', { model: [objects.model, model], batch: [ranges.count, batch] });
  const b = new GraphBuilder(`${model.name}.forward`);
  const { scope, output } = network(b, model, batch, { training: false });
  b.output(model.output.name, output);
  for (const path of taps) {
    const layer = scope.layers.find((record) => record.path === path);
    if (!layer) throw new ShapeError(`${model.name}: no layer "${path}" to tap`);
    b.output(path, layer.output);
  }
  const layers = scope.layers.map((record) => ({ path: record.path, shape: record.output.shape }));
  return { graph: b.build(), parameters: scope.parameters, buffers: scope.buffers, layers };
}

/** Everything of a model that has a value, in the order of declaration. */
export interface ModelState {
  /** All of them, frozen ones included. */
  readonly parameters: readonly ParameterSpec[];
  /** All of them, frozen ones included. */
  readonly buffers: readonly BufferSpec[];
  /** The parameters that training changes, and how. */
  readonly learned: readonly LearnedParameter[];
  /** The buffers that training changes. */
  readonly updated: readonly BufferSpec[];
}

/**
 * What the model is made of. Taken from the training network: auxiliary branches are in it, though a forward graph does not
 * run them.
 * @param rules which parameters training leaves alone or treats differently
 * @throws DataError `PARAMETER_RULE` when a rule matches no parameter, or all parameters are frozen
 */
export function stateOf(model: Model, rules: readonly ParameterRule[] = []): ModelState {
  checkGiven('stateOf', { model: [objects.model, model] });
  const { scope } = network(new GraphBuilder(model.name), model, 1, { training: true, rules });
  return modelState(model, scope, rules);
}

/** What a network that was built for training declared. @throws as {@link stateOf} */
export function modelState(model: Model, scope: Scope, rules: readonly ParameterRule[]): ModelState {
  const { parameters, buffers } = scope;
  const learned = parameterSettings(model.name, parameters, rules);
  const updated = buffers.filter(({ name }) => scope.bufferValues.has(name));
  return { parameters, buffers, learned, updated };
}

/** How {@link network} is built. */
export interface NetworkOptions {
  readonly training: boolean;
  readonly rules?: readonly ParameterRule[];
}

/** Runs the model's layers over an input that it declares. @throws ShapeError when the result is not the model's output */
export function network(
  b: GraphBuilder,
  model: Model,
  batch: number,
  { training, rules = [] }: NetworkOptions,
): { scope: Scope; output: Value } {
  const { input, output: expected } = model;
  const x = b.input(input.name, { dtype: 'float32', shape: [batch, ...input.shape] });
  const isFrozen = (parameter: string): boolean => {
    const { frozen = false, batchStatistics = 'frozen' } = settingsOf(parameter, rules);
    return frozen && batchStatistics === 'frozen';
  };
  const scope = Scope.root(b, { training, isFrozen });
  const output = applied(model.layer, scope, x);
  const shape = [batch, ...expected.shape];
  if (shapeText(output.shape) !== shapeText(shape)) {
    throw new ShapeError(
      `${model.name}: expected ${expected.name} ${shapeText(shape)}, the layers give ${shapeText(output.shape)}`,
    );
  }
  return { scope, output };
}
