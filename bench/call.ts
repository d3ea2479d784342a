// Measures what a call costs besides the library: batch 1 of NiN through a predictor and a program, next to a loop over bare
// onnxruntime-node with the same model, its weights initializers. They take turns.
//   npm run bench:call
// Run it alone on the machine: a busy one falsifies every number.
import { createRequire } from 'node:module';
import { defined, float32, forward, he, initialize, nin, Predictor, stateOf } from 'isonet';
import { onnx, onnxHere } from '@isonet/backend-onnx';
import { encodeModel } from '@isonet/onnx/write';
import { kernels, write } from '../packages/backend-onnx/src/lowering/portable.ts';

/** onnxruntime-node, as far as it is used here. */
interface BareLibrary {
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ readonly inputNames: readonly string[]; run(feeds: object): Promise<unknown> }>;
  };
  readonly Tensor: new (type: string, data: object, dims: readonly number[]) => object;
}

const ROUNDS = 25;
const CALLS = 200;

const model = nin();
const values = initialize(stateOf(model).parameters, he, 0);
const images = float32([1, 1, 28, 28], new Float32Array(784).fill(0.5));

await using device = await onnxHere.open();
await using state = await device.createState(values);
await using program = await device.compile(forward(model, 1).graph, { frozen: state });
await using predictor = new Predictor({ model, device, state });
await using workerDevice = await onnx.open();
await using workerState = await workerDevice.createState(values);
await using inWorker = new Predictor({ model, device: workerDevice, state: workerState });

const require = createRequire(new URL('../packages/backend-onnx/package.json', import.meta.url));
const ort = require('onnxruntime-node') as BareLibrary;
const written = write(program.graph, kernels, values);
const session = await ort.InferenceSession.create(encodeModel(written.graph), {
  intraOpNumThreads: 2,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
});
const inputName = defined(session.inputNames[0], 'the input');
const tensor = new ort.Tensor('float32', images.data, [...images.shape]);

const candidates: Readonly<Record<string, () => Promise<unknown>>> = {
  bare: () => session.run({ [inputName]: tensor }),
  program: () => program.run(state, { images }).read(),
  predictor: () => predictor.predict(images),
  'in a worker': () => inWorker.predict(images),
};

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return defined(sorted[Math.floor(sorted.length / 2)], 'a time');
}

const times = Object.fromEntries(Object.keys(candidates).map((name) => [name, [] as number[]]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, call] of Object.entries(candidates)) {
    const own = defined(times[name], name);
    for (let i = 0; i < CALLS; i++) {
      const began = performance.now();
      await call();
      if (round > 0) own.push(performance.now() - began);
    }
  }
}
const bare = median(defined(times['bare'], 'bare'));
for (const [name, own] of Object.entries(times)) {
  const one = median(own);
  process.stdout.write(
    `${name.padEnd(12)} ${one.toFixed(4)} ms, ${(one - bare).toFixed(4)} more than bare, ratio ${(one / bare).toFixed(3)}\n`,
  );
}
