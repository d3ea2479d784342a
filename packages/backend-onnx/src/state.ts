// Weights, slots and buffers between runs, in host memory, which is where ONNX Runtime's cpu provider computes: what a run
// gives becomes what the next is fed, without a copy. Held arrays are never written to. Whatever enters or leaves by
// createState, write and read is copied.
import type { State, Tensor, Tensors, TensorType } from '@isonet/core';
import { asFloat32, BackendError, checkNames, DataError, sameType, typeText, wanted } from '@isonet/core';

export class OnnxState implements State {
  #values: ReadonlyMap<string, Tensor>;
  #last: Promise<unknown> = Promise.resolve();
  #failure: unknown;
  #disposed = false;

  constructor(values: Tensors) {
    const checked = Object.entries(values).map(
      ([name, type]) => [name, copied(wanted(values, name, type, 'state'))] as const,
    );
    this.#values = new Map(checked);
  }

  /**
   * One run, after all that was enqueued before. When `compute` fails, the state is poisoned: what comes after it fails
   * too, until a write.
   * @param prepare picks from the values what the run reads; when it refuses, nothing has happened
   * @param compute gives the new values of what it updates, which land together
   */
  run<Prepared, Result>(
    prepare: (values: Tensors) => Prepared,
    compute: (prepared: Prepared) => Promise<{ readonly updates: Tensors; readonly result: Result }>,
  ): Promise<Result> {
    return this.#enqueue(async () => {
      const prepared = prepare(this.#current());
      try {
        const { updates, result } = await compute(prepared);
        this.#values = new Map([...this.#values, ...Object.entries(updates)]);
        return result;
      } catch (error) {
        this.#failure = error;
        throw error;
      }
    });
  }

  /** The values as they are after all that was enqueued before; not to be written to. */
  values(): Promise<Tensors> {
    return this.#enqueue(() => this.#current());
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    const values = await this.values();
    const picked = checkNames(names, Object.keys(values), 'state');
    return Object.fromEntries(picked.flatMap((name) => (values[name] ? [[name, copied(values[name])]] : [])));
  }

  async write(values: Tensors): Promise<void> {
    // Copied now: the caller may go on to change its arrays.
    const written = Object.fromEntries(
      Object.entries(values).map(([name, type]) => [name, copied(wanted(values, name, type, 'state'))]),
    );
    return this.#enqueue(() => {
      this.#open();
      for (const [name, after] of Object.entries(written)) this.#check(name, after);
      this.#values = new Map([...this.#values, ...Object.entries(written)]);
      this.#failure = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#enqueue(() => {
      this.#disposed = true;
      this.#values = new Map();
    });
  }

  #enqueue<T>(job: () => T | Promise<T>): Promise<T> {
    const done = this.#last.then(job);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #current(): Tensors {
    this.#open();
    if (this.#failure !== undefined) {
      const options = { cause: this.#failure };
      throw new BackendError(
        'POISONED',
        'state: a run on it failed; write it before it is used again',
        options,
      );
    }
    return Object.fromEntries(this.#values);
  }

  #open(): void {
    if (this.#disposed) throw new BackendError('DISPOSED', 'state: it is disposed');
  }

  #check(name: string, after: TensorType): void {
    checkNames([name], this.#values.keys(), 'state');
    const before = this.#values.get(name);
    if (before && !sameType(before, after)) {
      throw new DataError('TYPE', `state: "${name}" is ${typeText(before)}, got ${typeText(after)}`);
    }
  }
}

/** A copy; the float64 values of a wider device are rounded. */
function copied(tensor: Tensor): Tensor {
  if (tensor.dtype === 'float64') return { dtype: 'float32', shape: tensor.shape, data: asFloat32(tensor) };
  // A slice is an array of the same kind; TypeScript forgets that it goes with the dtype.
  return { ...tensor, data: tensor.data.slice() } as Tensor;
}
