// Trains off the page's thread in two ways: entirely in a worker, and from the page on a device in a worker.
import { inWorker } from 'isonet';
import { run } from '../program.ts';

const training = new Worker(new URL('./training.worker.ts', import.meta.url), { type: 'module' });
const report = await new Promise((resolve) =>
  training.addEventListener('message', ({ data }) => resolve(data)),
);
training.terminate();

const served = inWorker('webgpu', () => {
  return new Worker(new URL('./device.worker.ts', import.meta.url), { type: 'module' });
});
const device = await served.open({ device: 'fallback' });
document.body.textContent = JSON.stringify([report, await run(device)]);
