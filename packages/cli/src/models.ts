// The models by name. The table of imports: nothing of a model loads until it is asked for.
import type { Model } from '@isonet/core';
import { unknownName } from './usage.ts';

export interface ModelEntry {
  readonly name: string;
  /** One line for people. */
  readonly text: string;
  load(): Promise<Model>;
}

export const models: readonly ModelEntry[] = [
  {
    name: 'nin',
    text: 'Network in network, as in the book: 28x28 grey images, 10 classes',
    load: async () => (await import('@isonet/models')).nin(),
  },
  {
    name: 'nin224',
    text: "The book's larger one: 224x224 grey images, 10 classes",
    load: async () => (await import('@isonet/models')).nin224(),
  },
  {
    name: 'nin-cifar10',
    text: "The paper's for CIFAR-10: 32x32 images in colour, 10 classes",
    load: async () => (await import('@isonet/models')).ninCifar10(),
  },
  {
    name: 'googlenet',
    text: 'GoogLeNet, as in the book: 96x96 grey images, 10 classes',
    load: async () => (await import('@isonet/models')).googlenet(),
  },
  {
    name: 'googlenet28',
    text: 'The same on 28x28 images, as the book trains it',
    load: async () => ({ ...(await import('@isonet/models')).googlenet({ size: 28 }), name: 'googlenet28' }),
  },
  {
    name: 'googlenet-imagenet',
    text: "The paper's for ImageNet: 224x224 images in colour, 1000 classes",
    load: async () => (await import('@isonet/models')).googlenetImageNet(),
  },
];

/** @throws UsageError for a name that is not in the table */
export function loadModel(table: readonly ModelEntry[], name: string): Promise<Model> {
  const entry = table.find((candidate) => candidate.name === name);
  if (entry) return entry.load();
  throw unknownName(
    'model',
    name,
    table.map((candidate) => candidate.name),
  );
}
