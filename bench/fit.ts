// Measures the overhead of training beyond its steps: the time per step of one epoch of `fit` (data, metrics, events) divided by the
// time of the bare step, which computes the same batch repeatedly. Bare steps run before and after the epoch, to detect a machine
// that becomes slower.
//   npm run bench:fit -- --backend onnx --batch 256
// Run it alone on the machine: other load distorts every measurement.
import { parseArgs } from 'node:util';
import type { Dataset, Device } from 'isonet';
import { constant, fit, he, initialize, loadFashionMnist, nin, sgd, stateOf, Trainer } from 'isonet';
import { backends } from '@isonet/cli';
import { backendLine, openDevice } from '@isonet/runs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onnx' },
    device: { type: 'string' },
    batch: { type: 'string', default: '256' },
    /** The number of training images, taken from the start. */
    images: { type: 'string', default: '60000' },
    /** The number of bare steps before the epoch, and again after it. */
    bare: { type: 'string', default: '100' },
  },
});

const model = nin();
const optimizer = sgd();
const [batchSize, bareSteps] = [Number(options.batch), Number(options.bare)];

/** Returns the mean milliseconds per step. */
async function bare(device: Device, data: Dataset): Promise<number> {
  const values = initialize(stateOf(model).parameters, he, 0);
  await using trainer = await Trainer.create({ model, device, optimizer, values, seed: 0 });
  const batch = await data.batch(Uint32Array.from({ length: batchSize }, (_, i) => i));
  const step = async (index: number): Promise<void> => {
    const read = await trainer.step(batch, index, 0.01);
    await read();
  };
  await step(0);
  const began = performance.now();
  for (let i = 1; i <= bareSteps; i++) await step(i);
  return (performance.now() - began) / bareSteps;
}

/** Returns the milliseconds per step of an epoch, from the first step's result to the last one's. */
async function epoch(device: Device, train: Dataset): Promise<number> {
  const times: number[] = [];
  const { trainer } = await fit({
    model,
    device,
    train,
    epochs: 1,
    batchSize,
    optimizer,
    schedule: constant(0.01),
    initializer: he,
    seed: 0,
    onStep: () => times.push(performance.now()),
  });
  await trainer[Symbol.asyncDispose]();
  // The last batch is smaller, and its program is compiled when it arrives.
  const full = times.slice(0, -1);
  const [first, last] = [full[0], full.at(-1)];
  if (full.length < 2 || first === undefined || last === undefined) {
    throw new Error(`--images: expected at least three batches of ${batchSize}, got ${train.length} images`);
  }
  return (last - first) / (full.length - 1);
}

const opened = await openDevice(backends, { backend: options.backend, device: options.device });
const { device } = opened;
const { train, source } = await loadFashionMnist();
const images = Math.min(Number(options.images), train.length);
const part: Dataset = { length: images, batch: (indices) => train.batch(indices) };
process.stdout.write(`${backendLine(opened)}\n${source.text}; ${images} of them\n`);

const before = await bare(device, train);
const inFit = await epoch(device, part);
const after = await bare(device, train);
const mean = (before + after) / 2;
process.stdout.write(
  `NiN, batch ${batchSize}: bare step ${before.toFixed(1)} ms before and ${after.toFixed(1)} ms after; ` +
    `in fit ${inFit.toFixed(1)} ms; ratio ${(inFit / mean).toFixed(3)}\n`,
);
await device[Symbol.asyncDispose]();
