// The worker, started from source: Node starts one from JavaScript only, so this registers tsx, then imports the TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./decodePictures.ts');
