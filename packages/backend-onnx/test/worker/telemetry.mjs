// The program that telemetry.test.ts runs. It loads ONNX Runtime in one of several ways, on the main thread or in a
// worker. Node can start a worker only from JavaScript, so this registers tsx, then imports TypeScript.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { isMainThread, Worker } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

const ways = {
  onnx: async () => run((await import('../../src/index.ts')).onnx),
  onnxHere: async () => run((await import('../../src/index.ts')).onnxHere),
  probe: async () => (await import('../../src/index.ts')).onnx.probe(),
  bare: async () => {
    if (!isMainThread) process.env['ORT_DISABLE_TELEMETRY'] = '1';
    const { Tensor } = createRequire(import.meta.url)('onnxruntime-common');
    const { loadBinding } = await import('../../src/runtime/binding.ts');
    const { InferenceSession } = loadBinding(Tensor);
    return new InferenceSession();
  },
  disable: async () => (await import('../../src/runtime/telemetry.ts')).disableTelemetry(1000),
};

async function run(backend) {
  const { float32 } = await import('@isonet/core');
  const { scaling } = await import('../watched.ts');
  const device = await backend.open();
  const state = await device.createState({ w: float32([2], [3, 4]) });
  const program = await device.compile(scaling());
  await program.run(state, { x: float32([2], [1, 2]) }).read();
  await device[Symbol.asyncDispose]();
}

const [way, inner, ...others] = process.argv.slice(2);
if (inner === 'in a worker') {
  const worker = new Worker(new URL(import.meta.url), { argv: [way, ...others] });
  if (others[0] === 'main thread waits') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
  if (others[0] === 'main thread in a native call') execFileSync('sleep', ['3']);
  worker.on('error', (error) => {
    throw error;
  });
} else {
  register();
  const outcome = await ways[way]().then(
    () => 'ran',
    (error) => `${error.code}: ${error.message}`,
  );
  process.stdout.write(`${outcome}\n`);
}
