// Runs one candidate of bench/devices.ts in a separate process: rounds of open, compile, one step, dispose, or the equivalent with
// the bare library. Prints threads and resident memory after each round as JSON.
//   node --expose-gc --conditions=@isonet/source --import tsx bench/deviceRounds.ts onnx:cpu 300
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Backend, Batch, Model } from 'isonet';
import {
  conv2d,
  defined,
  dense,
  flatten,
  float32,
  he,
  initialize,
  int32,
  inWorker,
  maxPool2d,
  sequential,
  sgd,
  stateOf,
  step,
  Trainer,
} from 'isonet';
import { onnxHere } from '@isonet/backend-onnx';
import { reference } from '@isonet/backend-reference';
import { tfjs } from '@isonet/backend-tfjs';
import { webgpu } from '@isonet/backend-webgpu';
import type { Round } from './bareLibraries.ts';
import { bareDawn, bareOnnxRuntime, bareTensorFlowJs, bareWorker, ended } from './bareLibraries.ts';
import type { Candidate, Reading } from './devices.ts';

const model: Model = {
  name: 'tiny',
  input: { name: 'images', shape: [1, 12, 12] },
  output: { name: 'logits', shape: [3] },
  layer: sequential({
    conv: conv2d(4, { kernel: 3, padding: 1, batchNorm: true, activation: 'relu' }),
    pool: maxPool2d({ kernel: 2, stride: 2 }),
    flatten: flatten(),
    head: dense(3),
  }),
};
const BATCH = 4;
const optimizer = sgd({ momentum: 0.9 });
const values = initialize(stateOf(model).parameters, he, 0);
const batch: Batch = {
  inputs: float32(
    [BATCH, 1, 12, 12],
    Float32Array.from({ length: BATCH * 144 }, (_, i) => (i % 7) / 7),
  ),
  labels: int32([BATCH], [0, 1, 2, 0]),
};

/** Returns a round that opens a device, compiles and runs one training step, and disposes of everything. */
function ours(backend: Backend, device: string): Round {
  return async () => {
    await using opened = await backend.open({ device });
    await using trainer = await Trainer.create({ model, device: opened, optimizer, values, seed: 0 });
    const read = await trainer.step(batch, 0, 0.01);
    await read();
  };
}

/** Returns a round that does the same in a new worker, which ends before the next round. */
function inWorkers(): Round {
  const url = new URL('../packages/backend-onnx/test/worker/worker.mjs', import.meta.url);
  return async () => {
    const worker = new Worker(url, { execArgv: ['--conditions=@isonet/source'] });
    const exit = ended(worker);
    await ours(
      inWorker('onnx', () => worker),
      'cpu',
    )();
    worker.ref(); // Otherwise the process could end while the worker is idle.
    await exit;
  };
}

const trainingStep = step(model, BATCH, optimizer);
const candidates: Readonly<Record<Candidate, () => Round | Promise<Round>>> = {
  'reference:cpu': () => ours(reference, 'cpu'),
  'onnx:cpu': () => ours(onnxHere, 'cpu'),
  'onnx:cpu in a worker': inWorkers,
  'tfjs:cpu': () => ours(tfjs, 'cpu'),
  'tfjs:wasm': () => ours(tfjs, 'wasm'),
  'webgpu:software': () => ours(webgpu, 'software'),
  'bare ONNX Runtime': () => bareOnnxRuntime(trainingStep),
  'bare ONNX Runtime in a worker': () => bareWorker(trainingStep),
  'bare TensorFlow.js, cpu': () => bareTensorFlowJs('cpu'),
  'bare TensorFlow.js, wasm': () => bareTensorFlowJs('wasm'),
  'bare Dawn': () => bareDawn(trainingStep),
};

function statusOf(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(defined(line?.[1], `${name} in /proc/self/status`));
}

async function main(name: string, rounds: number): Promise<void> {
  const known = Object.entries(candidates).find(([candidate]) => candidate === name);
  const [, make] = defined(
    known,
    `the candidate "${name}" (expected one of ${Object.keys(candidates).join(', ')})`,
  );
  const round = await make();
  const collect = defined(globalThis.gc, 'globalThis.gc (run with --expose-gc)');
  const readings: Reading[] = [];
  for (let i = 0; i < rounds; i++) {
    await round();
    // Native objects are freed one turn after their JavaScript ones, and may keep others alive.
    for (let pass = 0; pass < 2; pass++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    readings.push({ threads: statusOf('Threads'), kilobytes: statusOf('VmRSS') });
  }
  process.stdout.write(JSON.stringify(readings), () => process.exit());
}

const [name, rounds] = process.argv.slice(2);
await main(defined(name, 'the name of a candidate'), Number(defined(rounds, 'the number of rounds')));
