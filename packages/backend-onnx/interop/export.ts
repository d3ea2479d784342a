// Writes models for check.py, each with its inputs and the outputs of isonet's `portable` device.
//   node --conditions=@isonet/source --import tsx packages/backend-onnx/interop/export.ts FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Device, Graph, ImageClassifier, Tensor, Tensors } from '@isonet/core';
import {
  apply,
  conv2d,
  defined,
  float32,
  flatten,
  forward,
  globalAvgPool2d,
  gradients,
  he,
  initialize,
  int32,
  maxPool2d,
  notHalted,
  scalar,
  sequential,
  sgd,
  sizeOf,
  slotName,
  stateOf,
  step,
  streamKey,
  typeOf,
  uint32,
  uniformBlock,
} from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import type { ExportedGraph } from '@isonet/onnx';
import { drawUniform, exportGraph, exportOnnx } from '@isonet/onnx';
import { onnxHere } from '../src/index.ts';

/** A tensor in the folder, little-endian and row-major. */
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly file: string;
}
type Entries = Readonly<Record<string, Entry>>;

/** One run: the inputs and the expected outputs. */
interface Run {
  readonly inputs: Entries;
  readonly outputs: Entries;
}

const SEED = 2013;
const optimizer = sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 });

const [argument] = process.argv.slice(2);
if (argument === undefined) throw new Error('expected the folder to write to');
const folder: string = argument;
mkdirSync(folder, { recursive: true });

let files = 0;

function save(tensor: Tensor): Entry {
  const file = `${files++}.bin`;
  writeFileSync(join(folder, file), tensor.data);
  return { dtype: tensor.dtype, shape: tensor.shape, file };
}

function saveAll(tensors: Tensors): Entries {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, save(tensor)]));
}

function images(model: ImageClassifier, n: number): Tensor {
  const shape = [n, ...model.input.shape];
  return float32(shape, uniformBlock(SEED, streamKey('images'), n, 0, sizeOf(shape)));
}

/** A network with the features that NiN lacks: groups, dilation, uneven padding, strides that skip rows, overlapping padded pools. */
const geometry: ImageClassifier = {
  name: 'geometry',
  input: { name: 'images', shape: [2, 13, 12] },
  output: { name: 'logits', shape: [3] },
  layer: sequential({
    c1: conv2d(6, { kernel: [3, 4], stride: [2, 3], padding: [1, 0, 2, 3], groups: 2, activation: 'relu' }),
    c2: conv2d(8, { kernel: 2, padding: 2, dilation: [2, 3], activation: 'relu' }),
    pool: maxPool2d({ kernel: 3, stride: 2, padding: 1 }),
    c3: conv2d(3, { kernel: 1, bias: false }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
  }),
};

/** Returns running statistics as they might be after some training: means near 0, variances near a quarter. */
function runningStatistics(model: ImageClassifier): Tensors {
  const { buffers } = stateOf(model);
  return Object.fromEntries(
    buffers.map(({ name, shape }) => {
      const values = uniformBlock(SEED, streamKey(name), 0, 0, sizeOf(shape));
      return [
        name,
        float32(
          shape,
          values.map((u) => (name.endsWith('.mean') ? (u - 0.5) / 5 : (u + 0.5) / 4)),
        ),
      ];
    }),
  );
}

async function inference(device: Device, model: ImageClassifier, weights: Tensors): Promise<object> {
  const classNames = Array.from({ length: model.output.shape[0] }, (_, i) => `class ${i}`);
  const file = `${model.name}.onnx`;
  writeFileSync(join(folder, file), exportOnnx(model, weights, { classNames }));
  await using state = await device.createState(weights);
  const runs: Run[] = [];
  for (const batch of [1, 7, 256]) {
    await using program = await device.compile(forward(model, batch).graph, { frozen: state });
    const feeds = { images: images(model, batch) };
    runs.push({ inputs: saveAll(feeds), outputs: saveAll(await program.run(state, feeds).read()) });
  }
  const { parameters: learned, buffers } = stateOf(model);
  const parameters = [...learned, ...buffers].map(({ name, shape }) => ({ name, shape }));
  return { file, runs, parameters, logits: ['N', model.output.shape[0]], classNames };
}

async function training(device: Device, graph: Graph, values: Tensors, feeds: Tensors): Promise<object> {
  const exported = exportGraph(graph);
  const file = `${graph.name}.onnx`;
  writeFileSync(join(folder, file), exported.bytes);
  await using state = await device.createState(values);
  await using program = await device.compile(graph);
  const outputs = await program.run(state, feeds).read();
  const after = await state.read();
  const inputs = { ...stateFedTo(graph, values), ...feedsOf(exported, feeds) };
  const expected = [
    ...[...exported.outputs].map(([name, onnxName]) => [onnxName, defined(outputs[name], name)] as const),
    ...[...exported.updates].map(([name, onnxName]) => [onnxName, defined(after[name], name)] as const),
  ];
  return { file, runs: [{ inputs: saveAll(inputs), outputs: saveAll(Object.fromEntries(expected)) }] };
}

function stateFedTo(graph: Graph, values: Tensors): Tensors {
  return Object.fromEntries(graph.state.map(({ name }) => [name, defined(values[name], name)]));
}

/** Returns the feeds of the exported model, with random numbers instead of the key from which they are drawn. */
function feedsOf({ uniforms }: ExportedGraph, feeds: Tensors): Tensors {
  const drawn = uniforms.map(
    (uniform) =>
      [uniform.name, drawUniform(uniform, defined(feeds[uniform.random], uniform.random).data)] as const,
  );
  const fed = Object.entries(feeds).filter(([name]) => name !== 'random');
  return Object.fromEntries([...fed, ...drawn]);
}

async function trainingOf(
  device: Device,
  model: ImageClassifier,
  weights: Tensors,
): Promise<readonly object[]> {
  const batch = 8;
  const labels = int32(
    [batch],
    Array.from({ length: batch }, (_, i) => i % model.output.shape[0]),
  );
  const gradientFeeds: Tensors = { images: images(model, batch), labels };
  const slots = stateOf(model).parameters.map(({ name, shape }) => {
    const values = uniformBlock(SEED, streamKey(`velocity/${name}`), 0, 0, sizeOf(shape));
    return [
      slotName('velocity', name),
      float32(
        shape,
        values.map((value) => (value - 0.5) / 50),
      ),
    ] as const;
  });
  const all = { ...weights, ...Object.fromEntries(slots), ...notHalted() };
  const gradientGraph = gradients(model, batch);
  const random = gradientGraph.inputs.some(({ name }) => name === 'random')
    ? { random: uint32([3], [SEED, 5, 0]) }
    : {};
  const applyGraph = apply(model.name, stateOf(model), optimizer);
  const gradientValues = applyGraph.inputs
    .filter(({ name }) => name.startsWith('grad/') || name.startsWith('buffer/'))
    .map(({ name, value }) => {
      const { shape } = typeOf(applyGraph, value);
      const values = uniformBlock(SEED, streamKey(name), 0, 0, sizeOf(shape));
      return [
        name,
        float32(
          shape,
          values.map((u) => u - 0.5),
        ),
      ] as const;
    });
  const lr = scalar(0.05);
  return [
    await training(device, gradientGraph, weights, { ...gradientFeeds, ...random }),
    await training(device, applyGraph, all, { ...Object.fromEntries(gradientValues), loss: scalar(2), lr }),
    await training(device, step(model, batch, optimizer), all, { ...gradientFeeds, ...random, lr }),
  ];
}

await using device = await onnxHere.open({ device: 'portable' });
const models: object[] = [];
for (const model of [nin(), geometry, googlenet({ size: 28, batchNorm: true })]) {
  const weights = { ...initialize(stateOf(model).parameters, he, SEED), ...runningStatistics(model) };
  models.push(await inference(device, model, weights), ...(await trainingOf(device, model, weights)));
}
writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ device: device.info.text, models }, null, 2));
