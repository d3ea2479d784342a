// Starts the worker from source. Node needs JavaScript to start one, so this file registers tsx, then imports the
// TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./decodePictures.ts');
