// Node starts a worker from JavaScript only: this file registers tsx, then imports the TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
