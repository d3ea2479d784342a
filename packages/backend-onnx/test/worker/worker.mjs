// A worker's entry has to be JavaScript: it brings the loader for the TypeScript beside it.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
