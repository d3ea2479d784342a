// A run that is under way: its outputs lie in a staging buffer of their own, which goes back to the program once it was
// read or is not wanted.
import type { Execution, Graph, Tensors } from '@isonet/core';
import { executionOf } from '@isonet/core';
import type { Context } from './context.ts';
import { USAGE } from './context.ts';
import type { Readback } from './transfer.ts';

/** @param enqueued the staging buffer, once the run is in the queue; none for a program without outputs */
export function execution(
  context: Context,
  graph: Graph,
  readback: Readback,
  staging: StagingPool,
  enqueued: Promise<GPUBuffer | undefined>,
): Execution {
  const read = async (names: readonly string[]): Promise<Tensors> => {
    const buffer = await enqueued;
    try {
      if (buffer) return await context.mapped(graph.name, buffer, (bytes) => readback.tensors(bytes, names));
      await context.pending(graph.name, context.gpu.queue.onSubmittedWorkDone());
      return {};
    } finally {
      staging.give(buffer);
    }
  };
  // The queue keeps its order, so the next run may copy into the buffer while this one is still under way.
  const discard = (): void =>
    void enqueued.then(
      (buffer) => staging.give(buffer),
      () => undefined,
    );
  return executionOf(graph, enqueued, read, discard);
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
