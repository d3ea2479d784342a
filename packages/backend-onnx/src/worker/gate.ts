// The gate before the native calls of a worker. A worker that is stopped inside a run of ONNX Runtime's addon aborts the process
// (docs/faults.md), and a process that exits stops its workers. So the exit shuts the gate first; see exit.ts.

const BUSY = 0;
const SHUT = 1;

export class Gate {
  readonly #flags: Int32Array;

  /** @param memory what the two threads share; by default new */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.#flags = new Int32Array(memory);
  }

  /** Hand it to the other thread, which makes its own `Gate` of it. */
  get memory(): SharedArrayBuffer {
    return this.#flags.buffer as SharedArrayBuffer;
  }

  /** In the worker: makes a native call. Where the gate is shut the thread stays here, to be stopped with the process. */
  pass<T>(call: () => T): T {
    Atomics.store(this.#flags, BUSY, 1);
    try {
      if (Atomics.load(this.#flags, SHUT) === 0) return call();
    } finally {
      Atomics.store(this.#flags, BUSY, 0);
      Atomics.notify(this.#flags, BUSY);
    }
    Atomics.wait(this.#flags, SHUT, 1);
    throw new Error('the process exits');
  }

  /** On the main thread: lets no more calls begin. @returns whether one is in hand */
  shut(): boolean {
    Atomics.store(this.#flags, SHUT, 1);
    return Atomics.load(this.#flags, BUSY) === 1;
  }

  /** Waits for the call in hand. */
  wait(): void {
    Atomics.wait(this.#flags, BUSY, 1);
  }
}
