// Trains on ONNX Runtime in WebAssembly, in the page and on a device in a worker.
import { onnx } from '@isonet/backend-onnx';
import { inWorker } from 'isonet';
import { run } from '../program.ts';

const device = await onnx.open();
const served = inWorker('onnx', () => {
  return new Worker(new URL('./device.worker.ts', import.meta.url), { type: 'module' });
});
const remote = await served.open({ device: 'wasm' });
document.body.textContent = JSON.stringify([await run(device), await run(remote)]);
