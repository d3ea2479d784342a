// Weights, slots and buffers between runs. A run replaces arrays and never writes into them, so whoever still holds an old
// value keeps it.
import type { State, Tensors } from '@isonet/core';
import { BackendError, checkNames, wanted } from '@isonet/core';
import { copied, declaredType } from './values.ts';

export class ReferenceState implements State {
  #values: Tensors;
  #failure: unknown;
  #disposed = false;

  constructor(values: Tensors) {
    const entries = Object.entries(values);
    this.#values = Object.fromEntries(
      entries.map(([name, type]) => [name, copied(wanted(values, name, type, 'state'))]),
    );
  }

  /**
   * What a run reads.
   * @throws BackendError when the state is disposed, or poisoned by a failed run
   */
  get values(): Tensors {
    this.#check();
    if (this.#failure !== undefined) {
      const options = { cause: this.#failure };
      throw new BackendError(
        'POISONED',
        'state: a run on it failed; write it before it is used again',
        options,
      );
    }
    return this.#values;
  }

  /** The updates of a run, all at once. */
  land(updates: Tensors): void {
    this.#values = { ...this.#values, ...updates };
  }

  poison(failure: unknown): void {
    this.#failure = failure;
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    return picked(this.values, names, 'state');
  }

  async write(values: Tensors): Promise<void> {
    this.#check();
    checkNames(Object.keys(values), Object.keys(this.#values), 'state');
    const types = Object.entries(this.#values).filter(([name]) => Object.hasOwn(values, name));
    this.land(
      Object.fromEntries(
        types.map(([name, before]) => [name, copied(wanted(values, name, declaredType(before), 'state'))]),
      ),
    );
    this.#failure = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#values = {};
  }

  #check(): void {
    if (this.#disposed) throw new BackendError('DISPOSED', 'state: it is disposed');
  }
}

/** Copies of some tensors, all by default. @throws DataError for a name that is not there */
export function picked(tensors: Tensors, names: Iterable<string> | undefined, what: string): Tensors {
  const wantedNames = new Set(checkNames(names, Object.keys(tensors), what));
  const entries = Object.entries(tensors).filter(([name]) => wantedNames.has(name));
  return Object.fromEntries(entries.map(([name, tensor]) => [name, copied(tensor)]));
}
