// Checks whether training leaks memory. Prints the resident memory after every 200 steps of NiN, and its growth from
// step 400 on, because memory from loading the data is released before that.
//   npm run bench:memory -- --backend onnx --batch 32 --steps 2400
import { parseArgs } from 'node:util';
import type { Dataset } from 'isonet';
import { constant, fit, he, loadFashionMnist, nin, sgd } from 'isonet';
import { backends } from '@isonet/cli';
import { backendLine, openDevice } from '@isonet/runs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onnx' },
    device: { type: 'string' },
    batch: { type: 'string', default: '32' },
    steps: { type: 'string', default: '2400' },
  },
});
const EVERY = 200;

const opened = await openDevice(backends, { backend: options.backend, device: options.device });
const { train, source } = await loadFashionMnist();
const [batchSize, steps] = [Number(options.batch), Number(options.steps)];
process.stdout.write(`${backendLine(opened)}\n${source.text}\n`);

const length = Math.min(train.length, batchSize * steps);
const part: Dataset = { length, batch: (indices) => train.batch(indices) };
const perEpoch = length / batchSize;
const readings: { readonly step: number; readonly megabytes: number }[] = [];
const { trainer } = await fit({
  model: nin(),
  device: opened.device,
  train: part,
  epochs: Math.ceil(steps / perEpoch),
  batchSize,
  optimizer: sgd({ momentum: 0.9 }),
  schedule: constant(0.001),
  initializer: he,
  seed: 0,
  onStep: ({ step }) => {
    if (step % EVERY !== 0 || step > steps) return;
    globalThis.gc?.();
    const megabytes = process.memoryUsage().rss / 2 ** 20;
    readings.push({ step, megabytes });
    process.stdout.write(`step ${step}: ${megabytes.toFixed(1)} MB\n`);
  },
});
await trainer[Symbol.asyncDispose]();
await opened.device[Symbol.asyncDispose]();

const [first, last] = [readings[1], readings.at(-1)];
if (first && last) {
  const growth = (last.megabytes - first.megabytes).toFixed(1);
  process.stdout.write(
    `NiN, batch ${batchSize}: ${growth} MB more at step ${last.step} than at step ${first.step}\n`,
  );
}
