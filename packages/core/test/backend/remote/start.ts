// Starts workers that serve a backend. Tests run from source, and a worker resolves modules separately.
import { Worker } from 'node:worker_threads';

const conditions: readonly string[] =
  process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];

/** Node arguments to run TypeScript as the tests do. */
export const nodeArguments: readonly string[] = [...conditions, '--import', 'tsx'];

export function startWorker(backend: 'loops' | 'reference' = 'loops'): Worker {
  const url = new URL('./worker.mjs', import.meta.url);
  return new Worker(url, { execArgv: [...conditions], workerData: backend });
}
