// Starts worker.ts. Node can start a worker only from JavaScript, so this registers tsx, then imports the TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
