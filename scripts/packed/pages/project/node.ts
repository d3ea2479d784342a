// Trains in Node, on the software driver that Chromium has too.
import { webgpu } from '@isonet/backend-webgpu';
import { run } from './program.ts';

const device = await webgpu.open({ device: 'software' });
console.log(JSON.stringify(await run(device)));
await device[Symbol.asyncDispose]();
