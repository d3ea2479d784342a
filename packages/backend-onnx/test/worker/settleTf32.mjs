// A worker that settles TF32 and prints the outcome. Node can start a worker only from JavaScript, so this registers tsx, then imports
// TypeScript.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { settleTf32 } = await import('../../src/runtime/cuda/tf32.ts');
try {
  settleTf32(workerData);
  process.stdout.write('settled');
} catch (error) {
  process.stdout.write(error.message);
}
