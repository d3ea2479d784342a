// onnxruntime-node 1.30.0: stopping a worker while a session runs aborts the process, with code 134 and "terminate called after
// throwing an instance of 'Napi::Error'". process.exit() also stops workers and has the same effect: pass `exit` to reproduce it.
//   node packages/backend-onnx/faults/terminatedWorker.mjs [exit]
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';

// x: float32 [3000, 3000] -> MatMul(MatMul(x, x), x), about a second
const model = Buffer.from(
  'CAgSBmlzb25ldBoFMC4zLjA6yQEKRgoBeAoBeBIMcHJvZHVjdC9HZW1tGgxwcm9kdWN0L0dlbW0iBEdlbW0qDQoGdHJhbnNBGACgAQIqDQoGdHJhbnNCGACgAQIKSAoMcHJvZHVjdC9HZW1tCgF4EgF5Gg5wcm9kdWN0L0dlbW1fMiIER2VtbSoNCgZ0cmFuc0EYAKABAioNCgZ0cmFuc0IYAKABAhIHcHJvZHVjdFoVCgF4EhAKDggBEgoKAwi4FwoDCLgXYhUKAXkSEAoOCAESCgoDCLgXCgMIuBdCBAoAEBE=',
  'base64',
);
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', () => {
    setTimeout(() => {
      if (process.argv[2] === 'exit') process.exit(0);
      void worker.terminate().then(() => console.log('the worker is stopped, and the process continues'));
    }, 100);
  });
} else {
  const session = await InferenceSession.create(model);
  const x = new Tensor('float32', new Float32Array(9e6), [3000, 3000]);
  parentPort.postMessage('running', []);
  await session.run({ x });
}
