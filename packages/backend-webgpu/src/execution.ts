// A run that is under way: its outputs lie in a staging buffer of their own, which goes back to the program once it was
// read or is not wanted.
import type { Execution, Tensors } from '@isonet/core';
import { BackendError, checkNames } from '@isonet/core';
import type { Context } from './context.ts';
import { USAGE } from './context.ts';
import type { Readback } from './transfer.ts';

export class WebGpuExecution implements Execution {
  readonly accepted: Promise<void>;
  readonly #context: Context;
  readonly #what: string;
  readonly #readback: Readback;
  readonly #staging: StagingPool;
  readonly #enqueued: Promise<GPUBuffer | undefined>;
  #over = false;

  constructor(
    context: Context,
    what: string,
    readback: Readback,
    staging: StagingPool,
    enqueued: Promise<GPUBuffer | undefined>,
  ) {
    this.#context = context;
    this.#what = what;
    this.#readback = readback;
    this.#staging = staging;
    this.#enqueued = enqueued;
    this.accepted = enqueued.then(() => undefined);
    // Errors wait for whoever reads, and nobody has to.
    this.accepted.catch(() => undefined);
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    if (this.#over)
      throw new BackendError('CONSUMED', `${this.#what}: this run was read or discarded before`);
    this.#over = true;
    const buffer = await this.#enqueued;
    try {
      const picked = checkNames(names, this.#readback.names, this.#what);
      if (!buffer) {
        await this.#context.pending(this.#what, this.#context.gpu.queue.onSubmittedWorkDone());
        return {};
      }
      return await this.#context.mapped(this.#what, buffer, (bytes) => this.#readback.tensors(bytes, picked));
    } finally {
      this.#staging.give(buffer);
    }
  }

  discard(): void {
    if (this.#over) return;
    this.#over = true;
    // The queue keeps its order, so the next run may copy into the buffer while this one is still under way.
    this.#enqueued.then(
      (buffer) => this.#staging.give(buffer),
      () => undefined,
    );
  }
}

/** Staging buffers of one program, as many as it has runs that are not read yet. */
export class StagingPool {
  readonly #context: Context;
  readonly #label: string;
  readonly #bytes: number;
  readonly #idle: GPUBuffer[] = [];
  #closed = false;

  constructor(context: Context, label: string, bytes: number) {
    this.#context = context;
    this.#label = label;
    this.#bytes = bytes;
  }

  /** Undefined for a program without outputs. */
  take(): GPUBuffer | undefined {
    if (this.#bytes === 0) return undefined;
    const usage = USAGE.MAP_READ | USAGE.COPY_DST;
    return (
      this.#idle.pop() ?? this.#context.gpu.createBuffer({ label: this.#label, size: this.#bytes, usage })
    );
  }

  give(buffer: GPUBuffer | undefined): void {
    if (buffer && !this.#closed) this.#idle.push(buffer);
    else buffer?.destroy();
  }

  /** Destroys what is idle; what is not yet read stays until it is. */
  close(): void {
    this.#closed = true;
    for (const buffer of this.#idle.splice(0)) buffer.destroy();
  }
}
