// The table of models by name. Models are imported dynamically, so none loads until it is needed.
import type { ImageClassifier, Task } from '@isonet/core';
import { classification } from '@isonet/core';
import type { ExportedModel } from '@isonet/onnx';
import type { OnnxSource } from './onnxModel/onnxSource.ts';
import type { Network, RecipeName } from './recipes.ts';
import { unknownName, UsageError } from './errors.ts';

/** Options of a model. An omitted option keeps the model's own setting. */
export interface ModelOptions {
  /** Whether batch norm follows every convolution. */
  readonly batchNorm?: boolean;
  /** The rate of the dropout layers, in [0, 1). */
  readonly dropoutRate?: number;
}

/** A model that a run trains. A model from an ONNX file gets its final activation back when it is exported. */
export type RunModel = ImageClassifier & ExportedModel;

/** An entry in the table of models. */
export interface ModelEntry {
  readonly name: string;
  /** A one-line description. */
  readonly text: string;
  /** The task that it is trained for. */
  readonly task: Task;
  /** The family of networks, which selects the values of a recipe. */
  readonly network: Network;
  /** Whether it has dropout layers with a configurable rate. */
  readonly dropout: boolean;
  /** The absolute path of the file that defines it; undefined for built-in models. */
  readonly file?: string;
  /** The recipe for runs that do not name one. Default: `defaultRecipe`. */
  readonly recipe?: RecipeName;
  /** For a network from an ONNX file: the file, and the weights that its runs start from. */
  readonly onnx?: OnnxSource;
  /** Imports and builds the model. */
  load(options: ModelOptions): Promise<RunModel>;
}

/** The built-in models, in the order in which they are listed. */
export const models: readonly ModelEntry[] = [
  {
    name: 'nin',
    text: 'Network in network, as in the book: 28x28 grey images, 10 classes',
    task: classification(),
    network: 'nin',
    dropout: true,
    load: async (options) => (await import('@isonet/models')).nin(options),
  },
  {
    name: 'nin224',
    text: 'The larger network of the book: 224x224 grey images, 10 classes',
    task: classification(),
    network: 'nin',
    dropout: true,
    load: async (options) => (await import('@isonet/models')).nin224(options),
  },
  {
    name: 'nin-cifar10',
    text: "The paper's network for CIFAR-10: 32x32 colour images, 10 classes",
    task: classification(),
    network: 'nin',
    dropout: true,
    load: async (options) => (await import('@isonet/models')).ninCifar10(options),
  },
  {
    name: 'googlenet',
    text: 'GoogLeNet, as in the book: 96x96 grey images, 10 classes',
    task: classification(),
    network: 'googlenet',
    dropout: false,
    load: async (options) => (await import('@isonet/models')).googlenet(options),
  },
  {
    name: 'googlenet28',
    text: 'GoogLeNet for 28x28 grey images, as the book trains it',
    task: classification(),
    network: 'googlenet',
    dropout: false,
    load: async (options) => ({
      ...(await import('@isonet/models')).googlenet({ ...options, size: 28 }),
      name: 'googlenet28',
    }),
  },
  {
    name: 'googlenet-imagenet',
    text: "The paper's network for ImageNet: 224x224 colour images, 1000 classes",
    task: classification(),
    network: 'googlenet',
    dropout: false,
    load: async (options) => (await import('@isonet/models')).googlenetImageNet(options),
  },
];

/** Looks up a model. @throws UsageError for a name that is not in the table */
export function modelEntry(table: readonly ModelEntry[], name: string): ModelEntry {
  const entry = table.find((candidate) => candidate.name === name);
  if (entry) return entry;
  throw unknownName(
    'model',
    name,
    table.map((candidate) => candidate.name),
  );
}

/**
 * Builds a model with the chosen options.
 * @throws UsageError for a name that is not in the table, or an option that the model does not have
 */
export async function loadModel(
  table: readonly ModelEntry[],
  name: string,
  options: ModelOptions = {},
): Promise<RunModel> {
  return buildModel(modelEntry(table, name), options);
}

/**
 * Builds a model from its entry, as {@link loadModel} does.
 * @throws UsageError for an option that the model does not have
 */
export async function buildModel(entry: ModelEntry, options: ModelOptions): Promise<RunModel> {
  if (options.dropoutRate !== undefined && !entry.dropout) {
    throw new UsageError(`--dropout: ${entry.name} has no configurable dropout: leave it out`);
  }
  return entry.load(options);
}
