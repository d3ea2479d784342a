// A pool of staging buffers. Each run copies its outputs into its own staging buffer, which returns to the pool when the outputs
// have been read or discarded.
import type { RunOutputs } from '@isonet/core';
import type { Context } from './context.ts';
import { USAGE } from './context.ts';
import type { Readback } from './transfer.ts';

/** The staging buffers of one program: one for each run whose outputs are unread, and idle ones for later runs. */
export class StagingPool {
  readonly #context: Context;
  readonly #name: string;
  readonly #readback: Readback;
  readonly #idle: GPUBuffer[] = [];
  #closed = false;

  /** @param name the graph's name, for messages */
  constructor(context: Context, name: string, readback: Readback) {
    this.#context = context;
    this.#name = name;
    this.#readback = readback;
  }

  /** Takes a buffer from the pool, or creates one. Returns undefined for a program without outputs. */
  take(): GPUBuffer | undefined {
    const { bytes } = this.#readback;
    if (bytes === 0) return undefined;
    const usage = USAGE.MAP_READ | USAGE.COPY_DST;
    return (
      this.#idle.pop() ??
      this.#context.gpu.createBuffer({ label: `${this.#name} outputs`, size: bytes, usage })
    );
  }

  give(buffer: GPUBuffer | undefined): void {
    if (buffer && !this.#closed) this.#idle.push(buffer);
    else buffer?.destroy();
  }

  /** Returns the outputs of a queued run that copies them into this buffer. */
  outputs(buffer: GPUBuffer | undefined): RunOutputs {
    const context = this.#context;
    return {
      read: async (names) => {
        try {
          if (buffer) {
            return await context.mapped(this.#name, buffer, (bytes) => this.#readback.tensors(bytes, names));
          }
          await context.pending(this.#name, context.gpu.queue.onSubmittedWorkDone());
          return {};
        } finally {
          this.give(buffer);
        }
      },
      // The queue runs in order, so the next run may use the buffer while this run is still in progress.
      discard: () => this.give(buffer),
    };
  }

  /** Destroys the idle buffers. Buffers with unread outputs stay until they are read. */
  close(): void {
    this.#closed = true;
    for (const buffer of this.#idle.splice(0)) buffer.destroy();
  }
}
