// A gate for the native calls of a worker. Stopping a worker inside a run of ONNX Runtime's addon aborts the process (docs/faults.md),
// and a process stops its workers when it exits. The exit listener therefore shuts the gate first; see exit.ts.

const BUSY = 0;
const SHUT = 1;

export class Gate {
  readonly #flags: Int32Array;

  /** @param memory the memory that the two threads share; default: new memory */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.#flags = new Int32Array(memory);
  }

  /** The shared memory, from which the other thread creates its own `Gate`. */
  get memory(): SharedArrayBuffer {
    return this.#flags.buffer as SharedArrayBuffer;
  }

  /** In the worker: makes a native call. If the gate is shut, the thread blocks until the exiting process stops it. */
  pass<T>(call: () => T): T {
    Atomics.store(this.#flags, BUSY, 1);
    try {
      if (Atomics.load(this.#flags, SHUT) === 0) return call();
    } finally {
      Atomics.store(this.#flags, BUSY, 0);
      Atomics.notify(this.#flags, BUSY);
    }
    Atomics.wait(this.#flags, SHUT, 1);
    throw new Error('the process is exiting');
  }

  /** On the main thread: prevents further calls from starting. @returns whether a call is in progress */
  shut(): boolean {
    Atomics.store(this.#flags, SHUT, 1);
    return Atomics.load(this.#flags, BUSY) === 1;
  }

  /** Waits for the call in progress. */
  wait(): void {
    Atomics.wait(this.#flags, BUSY, 1);
  }
}
