// The problem that a search runs: the training graph of a model, with weights, images and masks chosen so that every error shows.
import { elementAt, tensorNamed } from '@isonet/conformance/judging';
import type { Graph, ImageClassifier, Shape, Tensor, Tensors } from '@isonet/core';
import {
  deadCode,
  float32,
  gradientName,
  gradients,
  initialize,
  int32,
  sizeOf,
  stateOf,
  streamKey,
  uint32,
  uniformBlock,
  xavier,
} from '@isonet/core';

/** A graph and the values that one run of it needs. */
export interface Problem {
  /** The graph that the device and the reference run. */
  readonly graph: Graph;
  /** Weights and buffers, by name. */
  readonly state: Tensors;
  /** Images, labels and random numbers, by name. */
  readonly feeds: Tensors;
  /** Returns the same problem on one image, for a smaller reproduction; absent if the problem has only one image. */
  readonly smaller?: () => Problem;
}

/** The options of {@link trainingProblem}. */
export interface ProblemOptions {
  /** The number of images; default 2. */
  readonly batch?: number;
  /** The seed of weights, images, labels and masks; default 0. */
  readonly seed?: number;
  /** Parameters and buffers by name; default: initial values, with constant tensors spread so that none is 0. */
  readonly weights?: Tensors;
  /** Default true; false keeps only the forward pass of a training step, up to the loss. */
  readonly backward?: boolean;
}

/** Builds the problem of one training step of a model, without the updates: activations, loss and gradients. */
export function trainingProblem(model: ImageClassifier, options: ProblemOptions = {}): Problem {
  const { batch = 2, seed = 0, weights, backward = true } = options;
  const whole = gradients(model, batch);
  const graph = backward ? whole : withoutGradients(model, whole);
  const labels = uniformBlock(seed, streamKey('bisect/labels'), 0, 0, batch);
  const feeds: Tensors = {
    [model.input.name]: testImages(seed, [batch, ...model.input.shape]),
    labels: int32(
      [batch],
      Int32Array.from(labels, (u) => Math.floor(u * model.output.shape[0])),
    ),
    random: uint32([3], [seed, 0, 0]),
  };
  const smaller = (): Problem => trainingProblem(model, { ...options, batch: 1 });
  return {
    graph,
    state: weights ?? startingState(model, seed),
    feeds: Object.fromEntries(graph.inputs.map(({ name }) => [name, tensorNamed(feeds, name)])),
    ...(batch > 1 ? { smaller } : {}),
  };
}

/**
 * Returns weights from Xavier's initializer. Tensors whose elements all start at the same value (biases, scales,
 * running statistics) are spread around that value by up to 0.05, because forgetting a bias of 0 would change
 * nothing.
 */
function startingState(model: ImageClassifier, seed: number): Tensors {
  const { parameters, buffers } = stateOf(model);
  const spread = (name: string, shape: Shape, at: (i: number) => number): Tensor => {
    const units = uniformBlock(seed, streamKey(`bisect/${name}`), 0, 0, sizeOf(shape));
    return float32(
      shape,
      units.map((u, i) => at(i) + (u * 2 - 1) * 0.05),
    );
  };
  const start = initialize(parameters, xavier, seed);
  const learned = parameters.map(({ name, shape, role }) => {
    const value = tensorNamed(start, name);
    return [name, role === 'weight' ? value : spread(name, shape, (i) => elementAt(value.data, i))] as const;
  });
  const kept = buffers.map(({ name, shape, initial }) => [name, spread(name, shape, () => initial)] as const);
  return Object.fromEntries([...learned, ...kept]);
}

/** Returns the forward pass, up to the loss and the values of the buffers. */
function withoutGradients(model: ImageClassifier, graph: Graph): Graph {
  const names = new Set(stateOf(model).parameters.map(({ name }) => gradientName(name)));
  const kept = deadCode({ ...graph, outputs: graph.outputs.filter(({ name }) => !names.has(name)) });
  return { ...kept, name: `${model.name}.training` };
}

/**
 * Returns images of byte values, `[N, C, H, W]`: noise inside, and 0 in the outer quarter, where maxima tie. Image i
 * is the same in every batch.
 */
function testImages(seed: number, shape: readonly [number, number, number, number]): Tensor {
  const [, , height, width] = shape;
  const units = uniformBlock(seed, streamKey('bisect/images'), 0, 0, sizeOf(shape));
  const inside = (index: number, size: number): boolean =>
    Math.min(index, size - 1 - index) >= Math.floor(size / 8);
  return float32(
    shape,
    units.map((u, i) => {
      const [row, column] = [Math.floor(i / width) % height, i % width];
      return inside(row, height) && inside(column, width) ? Math.floor(u * 256) / 255 : 0;
    }),
  );
}
