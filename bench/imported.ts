// Runs imported networks and compares their outputs with those of their original framework.
//   npm run bench:imported -- --models FOLDER [--backend onnx] [--device cpu] [--filter resnet] [--json]
// FOLDER contains NAME.onnx with NAME.json: `inputs` and `outputs` by name, each { file, shape } of little-endian float32.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Device, Graph, Tensors } from '@isonet/core';
import { defined, float32, forward, messageOf, predictedClasses, softmax } from '@isonet/core';
import { backends } from '@isonet/cli';
import { readOnnx } from '@isonet/onnx';
import type { OnnxNetwork } from '@isonet/onnx';
import { backendLine, onThisThread, openDevice } from '@isonet/runs';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string' },
    backend: { type: 'string', default: 'onnx' },
    device: { type: 'string' },
    filter: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
if (options.models === undefined) throw new Error('--models: pass the folder of networks: --models FOLDER');
const folder = options.models;
/** Images per batch. */
const BATCH = 10;

/** A tensor in a separate file. */
interface Stored {
  readonly file: string;
  readonly shape: readonly number[];
}

/** The part of NAME.json that is used here. */
interface Description {
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly outputs: Readonly<Record<string, Stored>>;
}

interface Row {
  readonly network: string;
  readonly images?: number;
  /** The largest difference of an output, relative to the largest output. */
  readonly difference?: number;
  readonly sameClass?: number;
  readonly problem?: string;
}

const opened = await openDevice(backends.map(onThisThread), {
  backend: options.backend,
  ...(options.device === undefined ? {} : { device: options.device }),
});
if (!options.json) process.stdout.write(`${backendLine(opened)}\n`);
const names = (await readdir(folder))
  .filter((file) => file.endsWith('.onnx') && file.includes(options.filter))
  .map((file) => file.slice(0, -'.onnx'.length))
  .toSorted();
for (const network of names) {
  const row = await compared(network).catch((error: unknown): Row => ({
    network,
    problem: messageOf(error),
  }));
  process.stdout.write(options.json ? `${JSON.stringify(row)}\n` : `${text(row)}\n`);
}
await opened.device[Symbol.asyncDispose]();

function text({ network, images, difference, sameClass, problem }: Row): string {
  const name = network.padEnd(40);
  if (difference === undefined) return `${name} ${problem ?? ''}`;
  return `${name} ${difference.toExponential(1)} of the largest output, same class for ${sameClass} of ${images} images`;
}

async function compared(name: string): Promise<Row> {
  const description = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as Description;
  const external = await externalData(name);
  const network = readOnnx(await readFile(join(folder, `${name}.onnx`)), { externalData: external });
  const [[, input], [, output]] = [onlyOf(description.inputs), onlyOf(description.outputs)];
  const [inputs, expected] = await Promise.all([numbers(input), numbers(output)]);
  const images = defined(input.shape[0], 'the number of images');
  const got = await outputsOf(network, inputs, images);
  const classes = expected.length / images;
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const furthest = got.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[i]!)), 0);
  const [ours, theirs] = [got, expected].map((data) => predictedClasses(float32([images, classes], data)));
  const sameClass = ours!.filter((k, i) => k === theirs![i]).length;
  return { network: name, images, difference: furthest / largest, sameClass };
}

function onlyOf(tensors: Readonly<Record<string, Stored>>): readonly [string, Stored] {
  const [first, ...others] = Object.entries(tensors);
  if (!first || others.length > 0)
    throw new Error(`expected one input and one output, got ${Object.keys(tensors).length}`);
  return first;
}

async function numbers({ file }: Stored): Promise<Float32Array> {
  const bytes = await readFile(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

async function externalData(name: string): Promise<Record<string, Uint8Array>> {
  const files = (await readdir(folder)).filter(
    (file) => file.startsWith(`${name}.onnx`) && file !== `${name}.onnx`,
  );
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file))] as const)),
  );
}

/** Returns the outputs, `[images * classes]`, with the activation that the import removed applied again. */
async function outputsOf(network: OnnxNetwork, inputs: Float32Array, images: number): Promise<Float32Array> {
  const size = inputs.length / images;
  const results: number[] = [];
  const state = await opened.device.createState(network.values);
  const programs = new Map<number, Graph>();
  for (let first = 0; first < images; first += BATCH) {
    const count = Math.min(BATCH, images - first);
    const graph = programs.get(count) ?? forward(network, count).graph;
    programs.set(count, graph);
    const feeds = {
      [network.input.name]: float32(
        [count, ...network.input.shape],
        inputs.slice(first * size, (first + count) * size),
      ),
    };
    const output = await run(opened.device, graph, state, feeds);
    const logits = Float32Array.from(defined(output[network.output.name], 'the output').data);
    const classes = logits.length / count;
    for (let i = 0; i < count; i++) {
      const row = logits.slice(i * classes, (i + 1) * classes);
      results.push(...(network.activation?.op === 'softmax' ? softmax(row) : row));
    }
  }
  await state[Symbol.asyncDispose]();
  return Float32Array.from(results);
}

async function run(
  device: Device,
  graph: Graph,
  state: Awaited<ReturnType<Device['createState']>>,
  feeds: Tensors,
): Promise<Tensors> {
  const program = await device.compile(graph, { frozen: state });
  try {
    return await program.run(state, feeds).read();
  } finally {
    await program[Symbol.asyncDispose]();
  }
}
