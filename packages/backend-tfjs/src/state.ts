// Weights, slots and buffers on the device. A run replaces values and never writes into them.
import type { State, Tensors, TensorType } from '@isonet/core';
import { BackendError, checkNames, DataError, typeText, sameType, wanted } from '@isonet/core';
import type { DeviceTensor } from './deviceTensor.ts';
import type { OpenProvider } from './providers.ts';
import { download, enter, upload } from './transfer.ts';

export class TfjsState implements State {
  readonly #provider: OpenProvider;
  readonly #types: ReadonlyMap<string, TensorType>;
  readonly #values: Map<string, DeviceTensor>;
  #failure: unknown;
  #disposed = false;

  constructor(provider: OpenProvider, values: Tensors) {
    this.#provider = provider;
    const entries = Object.entries(values);
    this.#types = new Map(
      entries.map(([name, { dtype, shape }]) => [
        name,
        { dtype: dtype === 'float64' ? 'float32' : dtype, shape: [...shape] },
      ]),
    );
    enter(provider);
    this.#values = new Map(this.#uploaded(values));
  }

  /** Whether programs of this provider can run on it. */
  belongsTo(provider: OpenProvider): boolean {
    return this.#provider.tf === provider.tf && this.#provider.backendName === provider.backendName;
  }

  /**
   * A value that a run reads; it stays the state's.
   * @throws BackendError when the state is disposed, or poisoned by a failed run
   * @throws DataError when there is none of this name and type
   */
  value(name: string, type: TensorType): DeviceTensor {
    this.#check();
    const [value, known] = [this.#values.get(name), this.#types.get(name)];
    if (!value || !known) throw new DataError('MISSING', `state: "${name}" (${typeText(type)}) is missing`);
    if (!sameType(known, type)) {
      throw new DataError('TYPE', `state: "${name}" expected ${typeText(type)}, got ${typeText(known)}`);
    }
    return value;
  }

  /** The updates of a run, all at once. They are the state's from now on. */
  land(updates: Iterable<readonly [string, DeviceTensor]>): void {
    for (const [name, value] of updates) {
      this.#values.get(name)?.dispose();
      this.#values.set(name, value);
    }
  }

  poison(failure: unknown): void {
    this.#failure = failure;
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    this.#check();
    const wantedNames = checkNames(names, this.#types.keys(), 'state');
    const typed = [...this.#types].filter(([name]) => wantedNames.includes(name));
    return Object.fromEntries(typed.map(([name, type]) => [name, download(this.value(name, type), type)]));
  }

  async write(values: Tensors): Promise<void> {
    this.#checkDisposed();
    checkNames(Object.keys(values), this.#types.keys(), 'state');
    enter(this.#provider);
    this.land(this.#uploaded(values));
    this.#failure = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const value of this.#values.values()) value.dispose();
    this.#values.clear();
  }

  #uploaded(values: Tensors): [string, DeviceTensor][] {
    const typed = [...this.#types].filter(([name]) => Object.hasOwn(values, name));
    const checked = typed.map(([name, type]) => [name, wanted(values, name, type, 'state')] as const);
    return checked.map(([name, tensor]) => [name, upload(this.#provider, tensor)]);
  }

  #check(): void {
    this.#checkDisposed();
    if (this.#failure === undefined) return;
    const options = { cause: this.#failure };
    throw new BackendError(
      'POISONED',
      'state: a run on it failed; write it before it is used again',
      options,
    );
  }

  #checkDisposed(): void {
    if (this.#disposed) throw new BackendError('DISPOSED', 'state: it is disposed');
  }
}
