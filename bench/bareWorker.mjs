// The worker of bench/bareLibraries.ts. Node starts workers only from JavaScript, so this file registers tsx and then imports the
// TypeScript.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { sessionOnce } = await import('./bareLibraries.ts');
const { loadRuntime } = await import('../packages/backend-onnx/src/runtime/load.ts');
await sessionOnce(await loadRuntime(), workerData);
