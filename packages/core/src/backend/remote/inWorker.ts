// Backends in workers: one worker for each open device, so that long computations leave this thread free.
import { BackendError, messageOf } from '../../errors.ts';
import type { Backend } from '../contract.ts';
import { Connection } from './connection.ts';
import type { Port } from './port.ts';
import { openOver, probeOver, unreachable } from './remote.ts';

/**
 * A backend whose devices live in workers of their own, as those of `@isonet/backend-onnx` do already in Node. Nothing starts
 * before `probe` or `open`.
 * ```ts
 * // tfjs.worker.ts
 * import { parentPort } from 'node:worker_threads';
 * import { serve } from '@isonet/core';
 * import { tfjs } from '@isonet/backend-tfjs';
 * serve(tfjs, parentPort);
 * // main.ts; a browser's Worker takes { type: 'module' }, and its file ends with serve(webgpu, self)
 * const device = await inWorker('tfjs', () => new Worker(new URL('./tfjs.worker.js', import.meta.url))).open();
 * ```
 * `serve` is called before the file awaits anything: messages that come earlier may be lost, and Vite builds no worker with an
 * `await` at its top level. Native libraries read the environment of the process, which a worker cannot change: set what they
 * need (`VK_ICD_FILENAMES`, `OMP_NUM_THREADS`) on the main thread, before `open`.
 *
 * Dispose of the device, and never `terminate()` the worker: native code that is interrupted in a run may take the process
 * with it. Disposal waits for the run in hand; then the worker ends by itself. An idle worker does not keep the process
 * alive. A worker that exits or fails resolves the device's `lost`.
 * @param name the served backend's, which is checked
 * @param start starts a worker that calls `serve`
 * @throws BackendError from `open`: any that `start` or the served backend's `open` throws; `REMOTE` when the worker does not start
 */
export function inWorker(name: string, start: () => Port): Backend {
  const connect = (): Connection => {
    try {
      return new Connection(start());
    } catch (cause) {
      if (cause instanceof BackendError) throw cause;
      throw new BackendError('REMOTE', `${name}: the worker does not start: ${messageOf(cause)}`, { cause });
    }
  };
  return {
    name,
    contract: 2,
    probe: async () => {
      try {
        const connection = connect();
        const found = await probeOver(connection, name);
        connection.end();
        return found;
      } catch (error) {
        return unreachable(name, error);
      }
    },
    open: async (options = {}) => {
      const connection = connect();
      try {
        return await openOver(connection, name, options, () => connection.end());
      } catch (error) {
        connection.end();
        throw error;
      }
    },
  };
}
