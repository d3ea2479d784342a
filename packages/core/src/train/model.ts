// A model: a network with its input and output. Derives the model's forward graph and its state without
// running it.
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
  /** Its name in graphs and exported files. */
  readonly name: string;
  /** Its shape without the batch axis: `[C, H, W]` for an image, `[K]` for a vector. */
  readonly shape: Shape;
}

/** A network: its input, its output and the layers between them. */
export interface Model {
  /** The name for messages, run folders and exported files. */
  readonly name: string;
  /** float32, e.g. `{ name: 'images', shape: [1, 28, 28] }`. */
  readonly input: SampleSpec;
  /** float32, e.g. `{ name: 'logits', shape: [10] }`. */
  readonly output: SampleSpec;
  /** The network: `x: [N, ...input.shape] -> [N, ...output.shape]`. */
  readonly layer: Layer;
}

/** A model that returns one logit per class for each image. */
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

/** The forward graph of a model, with its parameters, buffers and layers. */
export interface Forward {
  readonly graph: Graph;
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly layers: readonly LayerOutput[];
}

/** Options of {@link forward}. */
export interface ForwardOptions {
  /** The paths of layers whose results become extra outputs, named by path. */
  readonly taps?: readonly string[];
}

/**
 * Builds the inference graph: `<input>: float32 [N, ...] -> <output>: float32 [N, ...]`, with the names from the model. Dropout
 * is the identity, and batch norm uses its running statistics.
 * @param batch N
 * @throws ShapeError if a layer does not fit its input, naming the layer, or the result does not have the model's output shape;
 * DataError `OPTION` for an invalid model or batch size
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

/** All parameters and buffers of a model, in the order of declaration. */
export interface ModelState {
  /** All parameters, including frozen ones. */
  readonly parameters: readonly ParameterSpec[];
  /** All buffers, including frozen ones. */
  readonly buffers: readonly BufferSpec[];
  /** The parameters that training changes, with their settings. */
  readonly learned: readonly LearnedParameter[];
  /** The buffers that training changes. */
  readonly updated: readonly BufferSpec[];
}

/**
 * Returns the state of a model, derived from the training network. It therefore includes auxiliary branches, which a forward
 * graph does not run.
 * @param rules rules for parameters that are frozen or trained with other settings
 * @throws DataError `PARAMETER_RULE` if a rule matches no parameter, or all parameters are frozen
 */
export function stateOf(model: Model, rules: readonly ParameterRule[] = []): ModelState {
  checkGiven('stateOf', { model: [objects.model, model] });
  const { scope } = network(new GraphBuilder(model.name), model, 1, { training: true, rules });
  return modelState(model, scope, rules);
}

/** Returns the state that a training network declared. @throws the errors of {@link stateOf} */
export function modelState(model: Model, scope: Scope, rules: readonly ParameterRule[]): ModelState {
  const { parameters, buffers } = scope;
  const learned = parameterSettings(model.name, parameters, rules);
  const updated = buffers.filter(({ name }) => scope.bufferValues.has(name));
  return { parameters, buffers, learned, updated };
}

/** Options of {@link network}. */
export interface NetworkOptions {
  readonly training: boolean;
  readonly rules?: readonly ParameterRule[];
}

/**
 * Declares the model's input and runs its layers on it.
 * @throws ShapeError if the result does not have the model's output shape
 */
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
      `${model.name}: expected ${expected.name} ${shapeText(shape)}, got ${shapeText(output.shape)} from the layers`,
    );
  }
  return { scope, output };
}
