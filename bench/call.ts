// Measures the overhead of a call compared with bare onnxruntime-node: batch 1 of NiN through a predictor and through a program, and
// a session with the same model and its weights as initializers. The candidates take turns.
//   npm run bench:call
// Run it alone on the machine: other load distorts every measurement.
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { defined, float32, forward, he, initialize, nin, Predictor, stateOf } from 'isonet';
import { onnx, onnxHere } from '@isonet/backend-onnx';
import { encodeModel } from '@isonet/onnx/write';
import { kernels } from '../packages/backend-onnx/src/lowering/portable.ts';
import { write } from '../packages/backend-onnx/src/lowering/write.ts';

interface BareSession {
  readonly inputNames: readonly string[];
  run(feeds: object): Promise<unknown>;
  release(): Promise<void>;
}

/** The part of onnxruntime-node that this benchmark uses. */
interface BareLibrary {
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<BareSession>;
  };
  readonly Tensor: new (type: string, data: object, dims: readonly number[]) => object;
}

const ROUNDS = 15;
const CALLS = 300;

const model = nin();
const values = initialize(stateOf(model).parameters, he, 0);
const images = float32([1, 1, 28, 28], new Float32Array(784).fill(0.5));
// The copy that the backend's tests use.
const { resolve } = createRequire(new URL('../packages/backend-onnx/package.json', import.meta.url));
const ort = (await import(resolve('onnxruntime-node'))) as BareLibrary;

type Call = () => Promise<unknown>;

/** Runs one round. Sessions of one model differ by as much as the measured overhead, so each round creates new ones. */
async function round(turn: number, medians: Map<string, number[]>): Promise<void> {
  await using device = await onnxHere.open();
  await using state = await device.createState(values);
  await using program = await device.compile(forward(model, 1).graph, { frozen: state });
  await using predictor = new Predictor({ model, device, state });
  await using workerDevice = await onnx.open();
  await using workerState = await workerDevice.createState(values);
  await using inWorker = new Predictor({ model, device: workerDevice, state: workerState });
  const session = await ort.InferenceSession.create(
    encodeModel(write(program.graph, kernels, values).graph),
    {
      intraOpNumThreads: availableParallelism(),
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    },
  );
  const inputName = defined(session.inputNames[0], 'the input');
  const tensor = new ort.Tensor('float32', images.data, [...images.shape]);
  const candidates: readonly (readonly [name: string, call: Call])[] = [
    ['bare', () => session.run({ [inputName]: tensor })],
    ['program', () => program.run(state, { images }).read()],
    ['predictor', () => predictor.predict(images)],
    ['in a worker', () => inWorker.predict(images)],
  ];
  for (let i = 0; i < candidates.length; i++) {
    const [name, call] = defined(candidates[(i + turn) % candidates.length], 'a candidate');
    medians.set(name, [...(medians.get(name) ?? []), await medianOf(call)]);
  }
  await session.release();
}

async function medianOf(call: Call): Promise<number> {
  for (let i = 0; i < CALLS / 10; i++) await call();
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  return median(times);
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return defined(sorted[Math.floor(sorted.length / 2)], 'a time');
}

const medians = new Map<string, number[]>();
for (let turn = 0; turn < ROUNDS; turn++) await round(turn, medians);
const bare = median(defined(medians.get('bare'), 'bare'));
for (const [name, own] of [...medians].toSorted(([a], [b]) => a.localeCompare(b))) {
  const one = median(own);
  const range = `${Math.min(...own).toFixed(4)} to ${Math.max(...own).toFixed(4)}`;
  process.stdout.write(
    `${name.padEnd(12)} ${one.toFixed(4)} ms (${range}), ${(one - bare).toFixed(4)} more than bare\n`,
  );
}
