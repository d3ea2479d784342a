// Tests that a training step as a loop over chunks, in ONNX Runtime, has the same results as the step without a loop.
import type { Chunked, Graph, Model, Tensors } from '@isonet/core';
import {
  avgPool2d,
  chunked,
  conv2d,
  decompose,
  defined,
  dense,
  flatten,
  forward,
  GraphBuilder,
  parallel,
  sequential,
  sgd,
  sizeOf,
  step,
  uniformBlock,
} from '@isonet/core';
import { nin } from '@isonet/models';
import type { WrittenGraph } from '@isonet/onnx/write';
import { encodeModel, staticDims, supports, training, writeGraph } from '@isonet/onnx/write';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { anyValues } from '../../core/test/inChunks.ts';

const N = 8;

const small: Model = {
  name: 'small',
  input: { name: 'images', shape: [2, 8, 8] },
  output: { name: 'logits', shape: [3] },
  layer: sequential({
    paths: parallel({
      a: conv2d(3, { kernel: 1, activation: 'relu' }),
      b: conv2d(2, { kernel: 3, padding: 1 }),
    }),
    pool: avgPool2d({ kernel: 2, stride: 2 }),
    flatten: flatten(),
    fc: dense(3),
  }),
};

function legal(graph: Graph): Graph {
  return decompose(graph, (node) => supports(node, training) !== true);
}

function written(graph: Graph, chunks?: Chunked): WrittenGraph {
  return writeGraph(graph, { dims: staticDims(graph), table: training, ...(chunks ? { chunks } : {}) });
}

type Results = Readonly<Record<string, readonly number[]>>;

/** Runs a written graph, and returns its outputs and updates. */
async function run({ graph, uniforms }: WrittenGraph, values: Tensors): Promise<Results> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const drawn = new Map(
    uniforms.map(({ name, stream, shape }) => [name, uniformBlock(1, stream, 0, 0, sizeOf(shape))]),
  );
  const feeds = graph.inputs.map(({ name, dtype, dims }) => {
    const data = drawn.get(name) ?? defined(values[name], name).data;
    return [name, new ort.Tensor(dtype, data as Float32Array, dims as readonly number[])] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]),
  );
}

/** Returns the largest difference of all results, each relative to its own largest element. */
async function distance(
  graph: Graph,
  axes: Readonly<Record<string, number>>,
  images: number,
): Promise<number> {
  const values = { ...anyValues(graph, 'inputs'), ...anyValues(graph, 'state') };
  const chunks = defined(chunked(graph, axes, images), 'chunks');
  const [whole, split] = [written(graph), written(graph, chunks)];
  expect(split.graph.inputs).toEqual(whole.graph.inputs);
  expect(split.graph.outputs).toEqual(whole.graph.outputs);
  expect(split.uniforms).toEqual(whole.uniforms);
  expect(split.graph.nodes.filter(({ opType }) => opType === 'Loop')).toHaveLength(1);
  const [expected, got] = [await run(whole, values), await run(split, values)];
  return Object.entries(expected).reduce((most, [name, elements]) => {
    const scale = elements.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
    expect([name, scale]).toEqual([name, expect.toSatisfy(Number.isFinite)]);
    const others = defined(got[name], name);
    const furthest = elements.reduce(
      (far, value, i) => Math.max(far, Math.abs(value - defined(others[i], `${name}[${i}]`))),
      0,
    );
    return Math.max(most, scale === 0 ? furthest : furthest / scale);
  }, 0);
}

const carriers = { images: 0, labels: 0 };
const optimizer = sgd({ momentum: 0.9 });

describe('a step in chunks', () => {
  test.each([1, 2, 4, 8])('of %i images has the losses and updates of the whole step', async (images) => {
    expect(await distance(legal(step(small, N, optimizer)), carriers, images)).toBeLessThan(1e-5);
  });

  test('of nin drops the same elements', async () => {
    expect(await distance(legal(step(nin(), N, optimizer)), carriers, 2)).toBeLessThan(1e-5);
  });

  test('works for a network in inference mode', async () => {
    expect(await distance(legal(forward(small, N).graph), { images: 0 }, 2)).toBeLessThan(1e-5);
  });

  test('works along the second axis', async () => {
    const b = new GraphBuilder('columns');
    const x = b.input('x', { dtype: 'float32', shape: [5, N] });
    const w = b.state('w', { dtype: 'float32', shape: [3, 5] });
    const y = b.op.matMul(w, x, { transposeA: false, transposeB: false });
    b.output('y', y);
    b.update('w', b.op.matMul(y, x, { transposeA: false, transposeB: true }));
    expect(await distance(b.build(), { x: 1 }, 2)).toBeLessThan(1e-6);
  });
});
