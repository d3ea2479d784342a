// Measures the overhead of a worker in a training step: NiN's step on a device in a worker and on the calling thread, in turns.
//   npm run bench:worker -- --batch 256
// Run it alone on the machine: other load distorts every measurement.
import { parseArgs } from 'node:util';
import type { Backend } from 'isonet';
import { defined, float32, he, initialize, int32, nin, sgd, stateOf, Trainer } from 'isonet';
import { onnx, onnxHere } from '@isonet/backend-onnx';

const { values: options } = parseArgs({
  options: {
    batch: { type: 'string', default: '256' },
    rounds: { type: 'string', default: '10' },
    /** Steps of each device per round. */
    steps: { type: 'string', default: '6' },
  },
});
const [count, rounds, steps] = [Number(options.batch), Number(options.rounds), Number(options.steps)];
const model = nin();
const batch = {
  inputs: float32(
    [count, 1, 28, 28],
    Float32Array.from({ length: count * 784 }, (_, i) => (i % 17) / 17),
  ),
  labels: int32(
    [count],
    Int32Array.from({ length: count }, (_, i) => i % 10),
  ),
};

/** Opens a device and returns a function that runs one step and reads its result. */
async function stepper(backend: Backend): Promise<() => Promise<void>> {
  const device = await backend.open();
  const values = initialize(stateOf(model).parameters, he, 0);
  const trainer = await Trainer.create({ model, device, optimizer: sgd(), values, seed: 0 });
  let done = 0;
  return async () => {
    const read = await trainer.step(batch, done++, 0.01);
    await read();
  };
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return defined(sorted[Math.floor(sorted.length / 2)], 'a time');
}

const candidates = [
  { name: 'calling thread', step: await stepper(onnxHere), times: [] as number[] },
  { name: 'worker', step: await stepper(onnx), times: [] as number[] },
] as const;
for (let round = 0; round <= rounds; round++) {
  const order = round % 2 === 0 ? candidates : candidates.toReversed();
  for (const { step, times } of order) {
    for (let i = 0; i < steps; i++) {
      const began = performance.now();
      await step();
      if (round > 0) times.push(performance.now() - began);
    }
  }
}
const [here, worker] = candidates.map(({ times }) => median(times));
for (const { name, times } of candidates) {
  process.stdout.write(
    `${name.padEnd(15)} ${median(times).toFixed(2)} ms, minimum ${Math.min(...times).toFixed(2)}\n`,
  );
}
const ratio = defined(worker, 'the worker') / defined(here, 'the calling thread');
process.stdout.write(`NiN, batch ${count}: ratio ${ratio.toFixed(4)}\n`);
process.exit();
