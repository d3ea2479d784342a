// The network to measure. The bench and each isonet candidate build it identically from a short request.
import type { Graph, ImageClassifier, Optimizer, Tensor, Tensors } from '@isonet/core';
import {
  defined,
  definitionOf,
  dimOf,
  float32,
  forward,
  GraphBuilder,
  initialize,
  int32,
  isClassification,
  messageOf,
  sizeOf,
  stateOf,
  step,
  streamKey,
  typeOf,
  typesOf,
  uniformBlock,
} from '@isonet/core';
import type { Dims, ModelContext, Recipe, RecipeName } from '@isonet/runs';
import { buildModel, findModel, isOnnxFile, modelOptions, resolveOptions, UsageError } from '@isonet/runs';
import type { OptimizerSettings } from './protocol.ts';
import type { Work } from './report.ts';

/** The request for a network. */
export interface SubjectRequest {
  /** The name of a network, an ONNX file, or a file with the user's own network. */
  readonly model: string;
  /** Sizes for the dynamic dimensions of an ONNX file. */
  readonly dims?: Dims | undefined;
  /** Default: the default recipe of `isonet train`. */
  readonly recipe?: string | undefined;
  /** Height and width of the images. Default: the network's. */
  readonly size?: number | undefined;
}

/** A network with the settings of its training. */
export interface Subject {
  readonly name: string;
  readonly model: ImageClassifier;
  readonly recipeName: RecipeName;
  readonly recipe: Recipe;
  /** The weights of an ONNX file. */
  readonly weights?: Tensors;
}

/**
 * Builds the network.
 * @throws UsageError for an unknown model or recipe, a network that is not a classifier, or an image size that it does not
 *   support
 */
export async function buildSubject(context: ModelContext, request: SubjectRequest): Promise<Subject> {
  const dims = isOnnxFile(request.model) ? request.dims : undefined;
  const entry = await findModel(context, request.model, dims);
  if (!isClassification(entry.task)) {
    throw new UsageError(`${entry.name} is trained for ${entry.task.name}: only classifiers can be measured`);
  }
  const given = request.recipe === undefined ? {} : { recipe: request.recipe };
  const { recipe, options } = resolveOptions(entry, given, context.cwd);
  const known = await buildModel(entry, modelOptions(options));
  const model = request.size === undefined ? known : withImages(known, request.size);
  const weights = entry.onnx ? { weights: entry.onnx.network.values } : {};
  return { name: entry.name, model, recipeName: options.recipe, recipe, ...weights };
}

/** Returns the model for images of this size. @throws UsageError if its layers do not support the size */
function withImages(model: ImageClassifier, size: number): ImageClassifier {
  const shape = [model.input.shape[0], size, size] as const;
  const resized = { ...model, input: { ...model.input, shape } };
  try {
    forward(resized, 1);
  } catch (cause) {
    const own = model.input.shape.slice(1).join('x');
    throw new UsageError(
      `--size ${size}: ${model.name}, built for ${own}, does not support this size: ${messageOf(cause)}`,
      { cause },
    );
  }
  return resized;
}

/** The computation of one run. */
export interface Cost {
  readonly multiplyAdds: number;
  /**
   * Whether two libraries compute the same loss in the first step: the step draws no random numbers, as dropout does, and no batch norm
   * normalizes so few values that rounding determines the result.
   */
  readonly hasCommonLoss: boolean;
}

/**
 * The fewest values per channel for a stable batch norm. It turns two values into 1 and -1, however close they are; the loss of
 * GoogLeNet at 28x28 and batch 2 then differs by 1e-3.
 */
const LEAST_NORMALIZED = 16;

/** Computes the cost of a run. @throws UsageError for a batch that the network cannot be trained with */
export function costOf({ model, recipe }: Subject, batch: number, work: Work): Cost {
  try {
    const graph = work === 'forward' ? forward(model, batch).graph : step(model, batch, recipe.optimizer);
    return { multiplyAdds: multiplyAddsOf(graph), hasCommonLoss: hasCommonLoss(graph) };
  } catch (cause) {
    throw new UsageError(`--batch ${batch}: ${messageOf(cause)}`, { cause });
  }
}

function hasCommonLoss(graph: Graph): boolean {
  const isStable = graph.nodes.every((node) => {
    if (node.op !== 'batchNorm') return true;
    const { shape } = typeOf(graph, node.inputs[0]);
    return sizeOf(shape) / dimOf(shape, 1) >= LEAST_NORMALIZED;
  });
  return isStable && graph.inputs.every(({ name }) => name !== 'random');
}

function multiplyAddsOf(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => {
    const [inputs, outputs] = [typesOf(graph, node.inputs), typesOf(graph, node.outputs)];
    return sum + (definitionOf(node.op).cost?.(inputs, outputs, node.attrs) ?? 0);
  }, 0);
}

/**
 * Returns the weights of an ONNX file, else initial weights of the recipe with seed 0. Biases, scales and running statistics are moved by
 * up to 0.1 from their initial values: initially, most of them have no effect, and a candidate that omits one would compute the same
 * logits.
 */
export function weightsOf({ model, recipe, weights }: Subject): Tensors {
  if (weights) return weights;
  const { parameters, buffers } = stateOf(model);
  const initial = initialize(parameters, recipe.initializer, 0);
  const values = [
    ...parameters.map(({ name, role }) => {
      const tensor = defined(initial[name], `the parameter "${name}"`);
      return [name, role === 'weight' ? tensor : moved(name, tensor)] as const;
    }),
    ...buffers.map(({ name, shape, initial: start }) => {
      const tensor = float32(shape, new Float32Array(sizeOf(shape)).fill(start));
      return [name, moved(name, tensor)] as const;
    }),
  ];
  return Object.fromEntries(values);
}

function moved(name: string, { shape, data }: Tensor): Tensor {
  const draws = uniformBlock(0, streamKey(`bench/${name}`), 0, 0, data.length);
  return float32(
    shape,
    draws.map((draw, i) => defined(data[i], `a value of "${name}"`) + (draw * 2 - 1) / 10),
  );
}

/** Returns `images: [N, C, H, W]`, uniform in [0, 1), and `labels: [N]`; the values are the same on every machine. */
export function dataOf({ model }: Subject, batch: number): Tensors {
  const shape = [batch, ...model.input.shape];
  const classes = dimOf(model.output.shape, 0);
  return {
    images: float32(shape, uniformBlock(0, streamKey('bench/images'), 0, 0, sizeOf(shape))),
    labels: int32(
      [batch],
      Int32Array.from({ length: batch }, (_, i) => i % classes),
    ),
  };
}

/**
 * The learning rate of every step. It has no effect on the time, but it must be small: otherwise, hundreds of steps on the same batch
 * would make some networks diverge, and others overfit until their gradients are denormal numbers, which are slow.
 */
const LEARNING_RATE = 1e-4;

/**
 * Reads the settings of the optimizer from the op that it emits, because a recipe has only a function.
 * @throws UsageError for an optimizer other than stochastic gradient descent
 */
export function optimizerSettings(recipeName: string, optimizer: Optimizer): OptimizerSettings {
  const b = new GraphBuilder('optimizer');
  const type = { dtype: 'float32', shape: [1] } as const;
  const scalar = { dtype: 'float32', shape: [] } as const;
  optimizer.update(
    b,
    {
      parameter: { name: 'weight', shape: [1], role: 'weight' },
      weight: b.input('weight', type),
      gradient: b.input('gradient', type),
      slots: optimizer.slots.map((slot) => b.input(slot, type)),
    },
    Object.fromEntries(optimizer.scalars.map((name) => [name, b.input(name, scalar)])),
  );
  const [update] = b.build().nodes;
  const lr = LEARNING_RATE;
  switch (update?.op) {
    case 'sgdUpdate':
      return { lr, momentum: 0, nesterov: false, weightDecay: update.attrs.weightDecay };
    case 'sgdMomentumUpdate': {
      const { momentum, nesterov, weightDecay } = update.attrs;
      return { lr, momentum, nesterov, weightDecay };
    }
    default:
      throw new UsageError(
        `--recipe ${recipeName}: its optimizer is ${optimizer.name}, but only sgd can be measured`,
      );
  }
}
