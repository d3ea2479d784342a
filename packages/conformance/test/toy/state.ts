// Weights, slots and buffers between runs.
import type { State, Tensors } from '@isonet/core';
import { BackendError, checkNames, wanted } from '@isonet/core';
import { copied, copies } from './tensors.ts';

export class ToyState implements State {
  #values: Tensors;
  #failure: BackendError | undefined;
  #disposed = false;

  constructor(values: Tensors) {
    this.#values = checked(values, values);
  }

  /** What a run reads. @throws BackendError when the state is disposed, or a run on it has failed */
  get values(): Tensors {
    this.#check();
    if (this.#failure) throw this.#failure;
    return this.#values;
  }

  /** The updates of a run, all at once. */
  land(updates: Tensors): void {
    this.#values = { ...this.#values, ...updates };
  }

  /** After a run that failed. Gives the error that tells of it. */
  poison(cause: unknown): BackendError {
    this.#failure = new BackendError('RUN_FAILED', `toy: a run failed: ${String(cause)}; write its state`, {
      cause,
    });
    return this.#failure;
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    return copies(this.values, checkNames(names, Object.keys(this.values), 'state'));
  }

  async write(values: Tensors): Promise<void> {
    this.#check();
    this.land(checked(values, this.#values));
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

/** Copies of `values`. @throws DataError where one is not of the type of its namesake in `types` */
function checked(values: Tensors, types: Tensors): Tensors {
  const names = checkNames(Object.keys(values), Object.keys(types), 'state');
  return Object.fromEntries(names.map((name) => [name, copied(wanted(values, name, types[name]!, 'state'))]));
}
