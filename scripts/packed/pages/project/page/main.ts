// Trains on the page's own thread.
import { webgpu } from '@isonet/backend-webgpu';
import { run } from '../program.ts';

const device = await webgpu.open({ device: 'fallback' });
document.body.textContent = JSON.stringify([await run(device)]);
