// Networks that isonet exports and reads back give bit-identical outputs.
import type { Model, Tensors } from '@isonet/core';
import { float32, forward, he, initialize, sizeOf, stateOf } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { googlenet, googlenetImageNet, nin, nin224, ninCifar10 } from '@isonet/models';
import { exportOnnx, readOnnx } from '@isonet/onnx';
import { expect, it } from 'vitest';
import { decode } from '../decode.ts';

async function outputOf(model: Model, weights: Tensors, batch: number): Promise<ArrayLike<number>> {
  await using device = await reference.open();
  const { graph } = forward(model, batch);
  const state = await device.createState(weights);
  const program = await device.compile(graph);
  const shape = [batch, ...model.input.shape];
  const size = shape.reduce((product, dim) => product * dim, 1);
  const images = float32(
    shape,
    Float32Array.from({ length: size }, (_, i) => Math.abs(Math.sin(i))),
  );
  const output = await program.run(state, { [model.input.name]: images }).read();
  return output[model.output.name]!.data;
}

type Case = readonly [name: string, model: Model];

const covering: readonly Case[] = [
  ['NiN', nin()],
  ['GoogLeNet 28 with batch norm', googlenet({ size: 28, batchNorm: true })],
];
const others: readonly Case[] = [
  ['NiN with batch norm', nin({ batchNorm: true })],
  ['NiN for CIFAR-10', ninCifar10()],
  ['NiN 224', nin224()],
  ['GoogLeNet', googlenet()],
  ['GoogLeNet for ImageNet', googlenetImageNet()],
];
const cases = process.env['ISONET_TEST_ALL'] === '1' ? [...covering, ...others] : covering;

it.each(cases)('%s keeps its names, values and output bits', { timeout: 600_000 }, async (_, model) => {
  const { buffers, parameters } = stateOf(model);
  const statistics = buffers.map(
    ({ name, shape, initial }) =>
      [name, float32(shape, new Float32Array(sizeOf(shape)).fill(initial))] as const,
  );
  const weights = { ...initialize(parameters, he, 0), ...Object.fromEntries(statistics) };
  // A Buffer, as returned by readFile: its slices are not copies.
  const network = readOnnx(Buffer.from(exportOnnx(model, weights)));
  // Auxiliary branches are not exported.
  const { graph } = forward(model, 1);
  expect(Object.keys(network.values).toSorted()).toEqual(graph.state.map(({ name }) => name).toSorted());
  expect(network.input).toEqual(model.input);
  expect(await outputOf(network, network.values, 2)).toEqual(await outputOf(model, weights, 2));
});

it('removes a final softmax and restores it on export', () => {
  const model = nin();
  const weights = initialize(stateOf(model).parameters, he, 0);
  const activation = { op: 'softmax', output: 'probabilities' } as const;
  const bytes = exportOnnx({ ...model, activation }, weights);
  const network = readOnnx(bytes);
  expect(network.activation).toEqual(activation);
  expect(network.report.notes).toContain(
    'the final softmax is removed, so the output is logits; export restores it',
  );
  const again = decode(exportOnnx(network, network.values)).graph;
  expect(again.output.map(({ name }) => name)).toEqual(['probabilities']);
  expect(again.node.at(-1)?.opType).toBe('Softmax');
});
