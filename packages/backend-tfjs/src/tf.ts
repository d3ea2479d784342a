// The type of the TensorFlow.js library, and helpers for sharing one copy of it. The library is passed as a value,
// not imported, because tfjs-node has its own copy, and because nothing is loaded before a device is opened.
import { BackendError } from '@isonet/core';
import type * as tfjs from '@tensorflow/tfjs-core';

export type Tf = typeof tfjs;

/** TensorFlow.js's names for its backends. */
export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

/** Starts a backend and makes it the current one. @throws BackendError if TensorFlow.js fell back to another backend */
export async function start(tf: Tf, name: BackendName): Promise<void> {
  const ready = await tf.setBackend(name);
  if (!ready || tf.getBackend() !== name) {
    throw new BackendError('OPEN_FAILED', `tfjs: TensorFlow.js could not start its backend "${name}"`);
  }
}

/**
 * Makes a started backend the current one, which runs new ops and holds new tensors. The current backend is a process-wide
 * setting that several devices may share.
 */
export function enter({ tf, backendName }: { readonly tf: Tf; readonly backendName: BackendName }): void {
  // For a started backend this is synchronous, so the promise can be ignored.
  if (tf.getBackend() !== backendName) void tf.setBackend(backendName);
}

/**
 * Runs f, and disposes every tensor that f creates and does not keep. Unlike tf.tidy, it does not search f's result
 * for tensors.
 */
export function scoped<T>(tf: Tf, f: () => T): T {
  const engine = tf.engine();
  engine.startScope();
  try {
    return f();
  } finally {
    engine.endScope();
  }
}
