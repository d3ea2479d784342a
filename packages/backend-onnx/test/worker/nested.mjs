// A worker that opens the backend and runs a graph. Node can start a worker only from JavaScript, so this registers tsx, then imports
// TypeScript.
import { parentPort } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { float32 } = await import('@isonet/core');
const { onnx } = await import('../../src/index.ts');
const { scaling } = await import('../watched.ts');

let workers = 0;
process.on('worker', () => workers++);
const device = await onnx.open();
const state = await device.createState({ w: float32([2], [3, 4]) });
const program = await device.compile(scaling());
const { y } = await program.run(state, { x: float32([2], [1, 2]) }).read();
parentPort.postMessage({ workers, y }, []);
await device[Symbol.asyncDispose]();
