// Runs backends in workers, one worker per open device, so that long computations do not block this thread.
import { BackendError, messageOf } from '../../errors.ts';
import type { Backend } from '../contract.ts';
import { Connection } from './connection.ts';
import type { Port } from './port.ts';
import { openOver, probeOver, unreachable } from './remote.ts';

/**
 * Creates a backend whose devices each run in their own worker, as the devices of `@isonet/backend-onnx` already do in Node. No
 * worker starts before `probe` or `open`.
 * ```ts
 * // tfjs.worker.ts
 * import { parentPort } from 'node:worker_threads';
 * import { serve } from '@isonet/core';
 * import { tfjs } from '@isonet/backend-tfjs';
 * serve(tfjs, parentPort);
 * // main.ts; a browser's Worker takes { type: 'module' }, and its file ends with serve(webgpu, self)
 * const device = await inWorker('tfjs', () => new Worker(new URL('./tfjs.worker.js', import.meta.url))).open();
 * ```
 * Call `serve` before the first `await` of the worker's file: messages that arrive earlier may be lost, and Vite cannot build a
 * worker with a top-level `await`. Native libraries read the environment of the process, which a worker cannot change: set the
 * variables they need (`VK_ICD_FILENAMES`, `OMP_NUM_THREADS`) on the main thread, before `open`.
 *
 * Dispose of the device instead of calling `terminate()` on the worker: interrupting native code may crash the process.
 * Disposal waits for the current run; then the worker ends. An idle worker does not keep the process alive. If a worker exits
 * or fails, the device's `lost` resolves.
 * @param name the expected name of the served backend; `probe` and `open` check it
 * @param start starts a worker that calls `serve`
 * @throws BackendError `REMOTE`, from `open`, if the worker does not start; any error of the served
 * backend's `open`
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
