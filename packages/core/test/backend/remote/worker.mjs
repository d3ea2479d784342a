// A worker on TypeScript: the loader of the thread that starts it does not reach it.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
