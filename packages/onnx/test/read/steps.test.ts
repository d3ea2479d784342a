// Reads exported training graphs back: gradients and whole steps match the original graphs to 1e-12 on the float64 reference, where
// only the order of sums differs.
import type { Graph, Model, Tensor, Tensors } from '@isonet/core';
import {
  bool,
  defined,
  float32,
  gradients,
  he,
  initialize,
  int32,
  scalar,
  sgd,
  sizeOf,
  stateOf,
  step,
  typeOf,
  uint32,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { googlenet, googlenetImageNet, nin, nin224, ninCifar10 } from '@isonet/models';
import type { ExportedGraph } from '@isonet/onnx';
import { drawUniform, exportGraph, readGraph } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';

const random = uint32([3], [7, 3, 0]);

async function outputsOf(graph: Graph, state: Tensors, feeds: Tensors): Promise<Tensors> {
  await using device = await reference.open();
  const [program, held] = [await device.compile(graph), await device.createState(state)];
  const outputs = await program.run(held, feeds).read();
  const updated = await held.read(graph.updates.map(({ name }) => name));
  return {
    ...outputs,
    ...Object.fromEntries(Object.entries(updated).map(([name, value]) => [`next/${name}`, value])),
  };
}

/** Returns plausible values for the inputs and the state of a graph. */
function valuesOf(
  model: Model,
  graph: Graph,
  batch: number,
): { readonly feeds: Tensors; readonly state: Tensors } {
  const { buffers, parameters } = stateOf(model);
  const weights = initialize(parameters, he, 1);
  const size = batch * sizeOf(model.input.shape);
  const feeds: Tensors = {
    [model.input.name]: float32(
      [batch, ...model.input.shape],
      Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 101),
    ),
    labels: int32(
      [batch],
      Array.from({ length: batch }, (_, i) => i % 10),
    ),
    lr: scalar(0.1),
    random,
  };
  const state = graph.state.map(({ name, value }): readonly [string, Tensor] => {
    const { dtype, shape } = typeOf(graph, value);
    const buffer = buffers.find((spec) => spec.name === name);
    const fill = (number: number): Tensor => float32(shape, new Float32Array(sizeOf(shape)).fill(number));
    if (dtype === 'bool') return [name, bool(shape, [false])];
    return [name, weights[name] ?? fill(buffer ? buffer.initial : 0.001)];
  });
  const wanted = Object.fromEntries(
    graph.inputs.map(({ name }) => [name, defined(feeds[name], `a feed "${name}"`)]),
  );
  return { feeds: wanted, state: Object.fromEntries(state) };
}

/** Runs the graph that was read back. Returns its outputs under the names of the original graph. */
async function readBack(exported: ExportedGraph, feeds: Tensors, state: Tensors): Promise<Tensors> {
  const { graph, values } = readGraph(exported.bytes);
  const uniforms = exported.uniforms.map(
    (uniform) => [uniform.name, drawUniform(uniform, random.data)] as const,
  );
  const all: Tensors = { ...feeds, ...state, ...Object.fromEntries(uniforms) };
  const own = Object.fromEntries(
    graph.inputs.map(({ name }) => [name, defined(all[name], `a feed "${name}"`)]),
  );
  // Its state contains constants that look like weights, such as the filter of a Conv.
  const got = await outputsOf(graph, values, own);
  const names = [
    ...exported.outputs,
    ...[...exported.updates].map(([name, next]) => [`next/${name}`, next] as const),
  ];
  return Object.fromEntries(
    names.map(([name, inFile]) => [name, defined(got[inFile], `output "${inFile}"`)]),
  );
}

function largestOf(tensor: Tensor): number {
  return Float64Array.from(tensor.data).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}

/**
 * Returns the largest difference, relative to the largest value or to a hundredth of `scale`, whichever is larger. The
 * scale matters for the bias before a batch norm: its gradient is 0 in exact arithmetic, so the computed gradient
 * consists of rounding errors only.
 */
function furthest(got: Tensor, expected: Tensor, scale: number): number {
  const numbers = Float64Array.from(expected.data);
  const difference = numbers.reduce((max, value, i) => Math.max(max, Math.abs(value - got.data[i]!)), 0);
  return difference / Math.max(largestOf(expected), scale / 100);
}

type Case = readonly [name: string, model: Model, batch: number];

/** Eight images are the smallest batch that is written in pixels. */
const covering: readonly Case[] = [['NiN with batch norm', nin({ batchNorm: true }), 8]];
const others: readonly Case[] = [
  ['NiN', nin(), 8],
  ['NiN for CIFAR-10', ninCifar10(), 1],
  ['NiN 224', nin224(), 1],
  ['GoogLeNet 28', googlenet({ size: 28 }), 8],
  ['GoogLeNet with batch norm', googlenet({ batchNorm: true }), 1],
  ['GoogLeNet for ImageNet', googlenetImageNet(), 1],
];
const cases = process.env['ISONET_TEST_ALL'] === '1' ? [...covering, ...others] : covering;

describe.each(['pixels', 'nchw'] as const)('in the layout %s', (layout) => {
  it.each(cases)('%s: gradients and step', { timeout: 600_000 }, async (_, model, batch) => {
    for (const graph of [gradients(model, batch), step(model, batch, sgd({ momentum: 0.9 }))]) {
      const { feeds, state } = valuesOf(model, graph, batch);
      const expected = await outputsOf(graph, state, feeds);
      const got = await readBack(exportGraph(graph, { layout }), feeds, state);
      expect(Object.keys(got).toSorted()).toEqual(Object.keys(expected).toSorted());
      const scale = Math.max(...Object.values(expected).map(largestOf));
      for (const [name, tensor] of Object.entries(expected)) {
        expect(furthest(defined(got[name], name), tensor, scale), name).toBeLessThan(1e-12);
      }
    }
  });
});
