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
