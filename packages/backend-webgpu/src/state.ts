// Weights, slots and buffers on the device: one GPUBuffer per entry, which runs read and, at their end, copy their
// updates into.
import type { State, Tensor, Tensors, TensorType } from '@isonet/core';
import { BackendError, checkNames, DataError, sameType, typeText, wanted } from '@isonet/core';
import type { Context } from './context.ts';
import { Buffers, USAGE } from './context.ts';
import { Readback, upload } from './transfer.ts';

interface Entry {
  readonly name: string;
  readonly type: TensorType;
  readonly buffer: GPUBuffer;
}

export class WebGpuState implements State {
  readonly context: Context;
  readonly #buffers: Buffers;
  readonly #entries: ReadonlyMap<string, Entry>;
  /** Rejects when a run since the last write fails; then that is the failure. */
  #outcome: Promise<void> = Promise.resolve();
  #failure: unknown;
  #disposed = false;

  private constructor(context: Context, buffers: Buffers, entries: readonly Entry[]) {
    this.context = context;
    this.#buffers = buffers;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  static async create(context: Context, values: Tensors): Promise<WebGpuState> {
    const types = Object.entries(values).map(([name, tensor]) => [name, declaredType(tensor)] as const);
    const tensors = types.map(([name, type]) => [name, type, wanted(values, name, type, 'state')] as const);
    const buffers = new Buffers(context);
    try {
      const entries = await context.guarded('state', () => {
        const made = tensors.map(([name, type, tensor]) => {
          const usage = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;
          const buffer = buffers.make(`state ${name}`, 4 * tensor.data.length, usage);
          upload(context.gpu.queue, buffer, tensor);
          return { name, type, buffer };
        });
        context.flush();
        return made;
      });
      return new WebGpuState(context, buffers, entries);
    } catch (error) {
      buffers.destroy();
      throw error;
    }
  }

  /**
   * The buffer of an entry, for a graph that declares it of this type.
   * @throws DataError when it is missing or of another type, BackendError when the state is disposed
   */
  buffer(name: string, type: TensorType): GPUBuffer {
    this.#check();
    const entry = this.#entries.get(name);
    if (!entry) throw new DataError('MISSING', `state: "${name}" (${typeText(type)}) is missing`);
    if (!sameType(entry.type, type)) {
      throw new DataError('TYPE', `state: "${name}" expected ${typeText(type)}, got ${typeText(entry.type)}`);
    }
    return entry.buffer;
  }

  /**
   * Resolves when no run that was enqueued so far has failed; rejects as it throws.
   * @throws BackendError at once when one is known to have failed, and nothing was written since
   */
  sound(): Promise<void> {
    this.#check();
    if (this.#failure !== undefined) throw poisoned(this.#failure);
    return this.#outcome.catch((cause: unknown) => {
      this.context.check();
      throw poisoned(cause);
    });
  }

  /** Takes note of a run that was enqueued: if it fails, so does what comes after it. */
  follow(run: Promise<unknown>): void {
    this.#expect(both(this.#outcome, run));
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    const { context } = this;
    this.#check();
    const picked = checkNames(names, this.#entries.keys(), 'state');
    const sound = this.sound();
    const entries = [...this.#entries.values()].filter(({ name }) => picked.includes(name));
    const readback = new Readback(entries);
    if (readback.bytes === 0) return sound.then(() => ({}));
    const buffers = new Buffers(context);
    try {
      // Enqueued at once: the values are those of this moment, whatever is enqueued while we wait.
      const copied = context.guarded('state: read', () => {
        const staging = buffers.make('state read', readback.bytes, USAGE.MAP_READ | USAGE.COPY_DST);
        const encoder = context.gpu.createCommandEncoder();
        const sources = entries.map(({ buffer }) => buffer);
        readback.copy(encoder, sources, staging);
        context.gpu.queue.submit([encoder.finish()]);
        return staging;
      });
      const [staging] = await Promise.all([copied, sound]);
      return await context.mapped('state: read', staging, (bytes) => readback.tensors(bytes, picked));
    } finally {
      buffers.destroy();
    }
  }

  async write(values: Tensors): Promise<void> {
    const { context } = this;
    this.#check();
    checkNames(Object.keys(values), this.#entries.keys(), 'state');
    const written = [...this.#entries.values()].filter(({ name }) => Object.hasOwn(values, name));
    const tensors = written.map(({ name, type, buffer }) => ({
      buffer,
      tensor: wanted(values, name, type, 'state'),
    }));
    const done = context.guarded('state: write', () => {
      for (const { buffer, tensor } of tensors) upload(context.gpu.queue, buffer, tensor);
      context.flush();
    });
    this.#failure = undefined;
    this.#expect(done);
    await done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#buffers.destroy();
    return Promise.resolve();
  }

  #expect(outcome: Promise<void>): void {
    this.#outcome = outcome;
    outcome.catch((cause: unknown) => {
      // A write since then has healed it.
      if (this.#outcome === outcome) this.#failure = cause;
    });
  }

  #check(): void {
    this.context.check();
    if (this.#disposed) throw new BackendError('DISPOSED', 'state: it is disposed');
  }
}

/** Floats are held as float32, whatever width they come in. */
function declaredType({ dtype, shape }: Tensor): TensorType {
  return { dtype: dtype === 'float64' ? 'float32' : dtype, shape };
}

function poisoned(cause: unknown): BackendError {
  return new BackendError('POISONED', 'state: a run on it failed; write it before it is used again', {
    cause,
  });
}

async function both(before: Promise<unknown>, after: Promise<unknown>): Promise<void> {
  await before;
  await after;
}
