// Workers that serve the loops. Tests run from source, and a worker resolves by itself.
import { Worker } from 'node:worker_threads';

const conditions: readonly string[] =
  process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];

/** The arguments of a Node that runs TypeScript as the tests do. */
export const nodeArguments: readonly string[] = [...conditions, '--import', 'tsx'];

export function startWorker(): Worker {
  return new Worker(new URL('./worker.mjs', import.meta.url), { execArgv: [...conditions] });
}
