// Compares single fine-tuning steps of an imported network: each device runs each step from the reference's own state, and the
// update of every parameter is compared with the reference's, as a relative L2 difference.
//   npm run bench:imported-steps -- --file FILE.onnx --data FOLDER --normalize 0.5/0.5 [--on onnx,tfjs,webgpu] [--steps 10] [--batch 2]
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Device, Graph, Tensors } from '@isonet/core';
import { batches, defined, scalar, sgd, step, typeOf } from '@isonet/core';
import { backends } from '@isonet/cli';
import { loadImageFolder, preprocessing } from '@isonet/data';
import type { ImageShape } from '@isonet/data';
import { readOnnx, replaceHead } from '@isonet/onnx';
import { backendLine, openDevice } from '@isonet/runs';

const { values: options } = parseArgs({
  options: {
    file: { type: 'string' },
    data: { type: 'string' },
    normalize: { type: 'string', default: 'unit' },
    on: { type: 'string', default: 'onnx,tfjs,webgpu' },
    steps: { type: 'string', default: '10' },
    batch: { type: 'string', default: '2' },
    lr: { type: 'string', default: '0.01' },
  },
});
if (options.file === undefined || options.data === undefined)
  throw new Error('expected --file FILE.onnx and --data FOLDER');
const [steps, batchSize] = [Number(options.steps), Number(options.batch)];

const whole = readOnnx(await readFile(options.file));
const shape = whole.input.shape as ImageShape;
const pipeline = preprocessing(shape, { fit: 'cover', normalize: options.normalize });
const folder = await loadImageFolder(options.data, { preprocessing: pipeline });
const { network } = replaceHead(whole, folder.classes.length);
const graph = step(network, batchSize, sgd({ momentum: 0.9 }));
process.stdout.write(
  `${folder.source.text}; ${Object.keys(network.values).length} tensors, batch ${batchSize}\n`,
);

const reference = (await openDevice(backends, { backend: 'reference' })).device;
const names = options.on.split(',');
const devices: (readonly [string, Device])[] = [];
for (const name of names) {
  const opened = await openDevice(
    backends,
    name === 'webgpu' ? { backend: name, device: 'software' } : { backend: name },
  );
  process.stdout.write(`${backendLine(opened)}\n`);
  devices.push([name, opened.device]);
}

let state: Tensors = Object.fromEntries(
  graph.state.map(({ name, value }) => {
    const type = typeOf(graph, value);
    const size = type.shape.reduce((product, dim) => product * dim, 1);
    const zeros = type.dtype === 'bool' ? new Uint8Array(size) : new Float32Array(size);
    return [name, network.values[name] ?? ({ ...type, data: zeros } as Tensors[string])] as const;
  }),
);
let taken = 0;
for await (const { inputs, labels } of batches(folder.train, { batchSize, shuffle: { seed: 0, epoch: 0 } })) {
  if (taken === steps) break;
  const fed: Tensors = { [network.input.name]: inputs, labels, lr: scalar(Number(options.lr)) };
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name }) => [name, defined(fed[name], `a feed "${name}"`)]),
  );
  const expected = await after(reference, graph, state, feeds);
  const results: string[] = [];
  for (const [name, device] of devices) {
    const got = await after(device, graph, state, feeds);
    const distances = graph.updates
      .filter((update) => Object.hasOwn(network.values, update.name))
      .map((update) => distance(update.name, state, expected, got))
      .toSorted((a, b) => b - a);
    const [worst, median] = [distances[0], distances[Math.floor(distances.length / 2)]];
    results.push(`${name} worst ${worst?.toExponential(1)}, median ${median?.toExponential(1)}`);
  }
  taken++;
  process.stdout.write(`step ${taken}: ${results.join('; ')}\n`);
  state = expected;
}
for (const [, device] of devices) await device[Symbol.asyncDispose]();
await reference[Symbol.asyncDispose]();
await folder[Symbol.asyncDispose]();

/** Returns the state after a step, as float32. */
async function after(device: Device, of: Graph, before: Tensors, feeds: Tensors): Promise<Tensors> {
  const [program, held] = [await device.compile(of), await device.createState(before)];
  await program.run(held, feeds).read();
  const updated = await held.read(of.state.map(({ name }) => name));
  await program[Symbol.asyncDispose]();
  await held[Symbol.asyncDispose]();
  return Object.fromEntries(
    Object.entries(updated).map(([name, { dtype, shape: own, data }]) => [
      name,
      dtype === 'float64' ? { dtype: 'float32', shape: own, data: Float32Array.from(data) } : updated[name]!,
    ]),
  );
}

/** Returns |got - expected| / |expected - before| of a tensor; 0 where both are equal. */
function distance(name: string, before: Tensors, expected: Tensors, got: Tensors): number {
  const [from, wanted, found] = [before, expected, got].map((tensors) => defined(tensors[name], name).data);
  let [off, moved] = [0, 0];
  for (let i = 0; i < wanted!.length; i++) {
    off += (found![i]! - wanted![i]!) ** 2;
    moved += (wanted![i]! - from![i]!) ** 2;
  }
  return off === 0 ? 0 : Math.sqrt(off / moved);
}
