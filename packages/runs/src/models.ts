// The models by name, a table of dynamic imports: no model loads until it is asked for.
import type { ImageClassifier, Task } from '@isonet/core';
import { classification } from '@isonet/core';
import type { ExportedModel } from '@isonet/onnx';
import type { OnnxSource } from './onnxModel/onnxSource.ts';
import type { Network, RecipeName } from './recipes.ts';
import { unknownName, UsageError } from './errors.ts';

/** What may be chosen of a model; what is left out is as the model has it. */
export interface ModelOptions {
  /** After every convolution. */
  readonly batchNorm?: boolean;
  /** The rate of its dropouts, in [0, 1). */
  readonly dropoutRate?: number;
}

/** A model that runs train; one of an ONNX file gets back, when it is exported, the activation that it lost when it was read. */
export type RunModel = ImageClassifier & ExportedModel;

/** A model that a run can be given by name. */
export interface ModelEntry {
  readonly name: string;
  /** One line for people. */
  readonly text: string;
  /** What it is trained for. */
  readonly task: Task;
  /** Which recipes are its own. */
  readonly network: Network;
  /** Whether it has dropouts whose rate can be chosen. */
  readonly dropout: boolean;
  /** The file that defines it, absolute; isonet's own models have none. */
  readonly file?: string;
  /** What its runs are trained with that name no recipe. Default: `defaultRecipe`. */
  readonly recipe?: RecipeName;
  /** Of a network in an ONNX file: where it comes from, with the weights that its runs start from. */
  readonly onnx?: OnnxSource;
  /** Imports and builds it. */
  load(options: ModelOptions): Promise<RunModel>;
}

/** isonet's own models, in the order in which they are listed. */
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
    text: "The book's larger one: 224x224 grey images, 10 classes",
    task: classification(),
    network: 'nin',
    dropout: true,
    load: async (options) => (await import('@isonet/models')).nin224(options),
  },
  {
    name: 'nin-cifar10',
    text: "The paper's for CIFAR-10: 32x32 images in colour, 10 classes",
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
    text: 'The same on 28x28 images, as the book trains it',
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
    text: "The paper's for ImageNet: 224x224 images in colour, 1000 classes",
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

/** As {@link loadModel}, of a model that was looked up. @throws UsageError for an option that it does not have */
export async function buildModel(entry: ModelEntry, options: ModelOptions): Promise<RunModel> {
  if (options.dropoutRate !== undefined && !entry.dropout) {
    throw new UsageError(`--dropout: ${entry.name} has no dropout whose rate can be chosen: leave it out`);
  }
  return entry.load(options);
}
