// Trains in Node, on the same software driver as in Chromium.
import { webgpu } from '@isonet/backend-webgpu';
import { run } from './program.ts';

const device = await webgpu.open({ device: 'software' });
console.log(JSON.stringify(await run(device)));
await device[Symbol.asyncDispose]();
