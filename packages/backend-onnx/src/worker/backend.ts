// The backend whose devices compute in separate workers, so that the calling thread stays free.
import { isMainThread } from 'node:worker_threads';
import type { Backend, OpenOptions } from '@isonet/core';
import { inWorker } from '@isonet/core';
import { hasOpened } from '../runtime/cuda/libraries.ts';
import { settleTf32 } from '../runtime/cuda/tf32.ts';
import { disableTelemetry } from '../runtime/telemetry.ts';
import { startWorker } from './start.ts';

/**
 * Moves each device of a backend into a worker. Within a worker it returns the backend unchanged, because that is
 * already off the main thread.
 * @param here the backend on the calling thread
 */
export function inWorkers(here: Backend): Backend {
  if (!isMainThread) return here;
  const there = inWorker(here.name, startWorker);
  return {
    ...there,
    // A probe loads the library but computes nothing, so it needs no worker.
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

/** Sets the environment variable for TF32 on the main thread, because a worker cannot set it. @returns a function that undoes it */
function settle({ device, tf32 = false }: OpenOptions): () => void {
  return device === 'cuda' ? settleTf32(tf32) : () => undefined;
}
