// Registers the TypeScript loader in the worker, which does not inherit it from the parent thread.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
