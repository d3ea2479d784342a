// The backend whose devices compute in workers of their own, so that the thread that asks stays free.
import { isMainThread } from 'node:worker_threads';
import type { Backend, OpenOptions } from '@isonet/core';
import { inWorker } from '@isonet/core';
import { hasOpened } from '../runtime/cuda/libraries.ts';
import { settleTf32 } from '../runtime/cuda/tf32.ts';
import { disableTelemetry } from '../runtime/telemetry.ts';
import { startWorker } from './start.ts';

/**
 * @param here the same backend on the calling thread: it is what a worker opens, which has left the main thread already
 */
export function inWorkers(here: Backend): Backend {
  if (!isMainThread) return here;
  const there = inWorker(here.name, startWorker);
  return {
    ...there,
    // A probe loads the library, but computes nothing: it needs no worker.
    probe: () => here.probe(),
    open: async (options = {}) => {
      await disableTelemetry();
      const unsettle = settle(options);
      try {
        return await there.open(options);
      } catch (error) {
        if (!hasOpened()) unsettle();
        throw error;
      }
    },
  };
}

/** TF32 is a variable of the environment that NVIDIA's libraries read, and which a worker could not set. @returns what undoes it */
function settle({ device, tf32 = false }: OpenOptions): () => void {
  return device === 'cuda' ? settleTf32(tf32) : () => undefined;
}
