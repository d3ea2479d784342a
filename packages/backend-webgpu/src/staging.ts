// Staging buffers: the outputs of a run lie in one of their own, which goes back to the program once it was read or is not
// wanted.
import type { RunOutputs } from '@isonet/core';
import type { Context } from './context.ts';
import { USAGE } from './context.ts';
import type { Readback } from './transfer.ts';

/** Staging buffers of one program, as many as it has runs that are not read yet. */
export class StagingPool {
  readonly #context: Context;
  readonly #name: string;
  readonly #readback: Readback;
  readonly #idle: GPUBuffer[] = [];
  #closed = false;

  /** @param name the graph's, for messages */
  constructor(context: Context, name: string, readback: Readback) {
    this.#context = context;
    this.#name = name;
    this.#readback = readback;
  }

  /** Undefined for a program without outputs. */
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

  /** The outputs of a run that is in the queue and copies them into this buffer. */
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
      // The queue keeps its order, so the next run may copy into the buffer while this one is still under way.
      discard: () => this.give(buffer),
    };
  }

  /** Destroys what is idle; what is not yet read stays until it is. */
  close(): void {
    this.#closed = true;
    for (const buffer of this.#idle.splice(0)) buffer.destroy();
  }
}
