// The library: its type, and what it takes to share one copy of it. It is a value that is passed along, not an import:
// tfjs-node brings a copy of its own, and nothing is loaded before a device is opened.
import { BackendError } from '@isonet/core';
import type * as tfjs from '@tensorflow/tfjs-core';

export type Tf = typeof tfjs;

/** TensorFlow.js's names of what computes. */
export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

/** Starts a backend and makes it the current one. @throws BackendError where TensorFlow.js would go on with another */
export async function start(tf: Tf, name: BackendName): Promise<void> {
  const ready = await tf.setBackend(name);
  if (!ready || tf.getBackend() !== name) {
    throw new BackendError('OPEN_FAILED', `tfjs: TensorFlow.js could not start its backend "${name}"`);
  }
}

/**
 * Makes a started backend the current one, which new tensors and ops go to: a setting of the whole process, which several
 * devices may share.
 */
export function enter({ tf, backendName }: { readonly tf: Tf; readonly backendName: BackendName }): void {
  // Of a backend that is started all of this happens at once, and the promise has nothing to tell.
  if (tf.getBackend() !== backendName) void tf.setBackend(backendName);
}

/** Disposes of every tensor that f makes and does not keep. Not tf.tidy: that walks through all that f returns. */
export function scoped<T>(tf: Tf, f: () => T): T {
  const engine = tf.engine();
  engine.startScope();
  try {
    return f();
  } finally {
    engine.endScope();
  }
}
