// Tests which graphs run in chunks, how large the chunks are, and that chunks do not change the results.
import { float32, forward, gradients, he, initialize, int32, sgd, stateOf, step, uint32 } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { expect, test } from 'vitest';
import { onnxHere } from '../../src/index.ts';
import { chunksOf } from '../../src/lowering/chunks.ts';

test('a step on NiN runs in chunks that fit a cache', () => {
  // The largest value of an image: 24 x 26 x 26 float32, 65 kB.
  expect(chunksOf(step(nin(), 256, sgd()))?.trips).toBe(16);
  expect(chunksOf(gradients(nin(), 96))?.trips).toBe(4);
});

test('a batch that fits in the cache, or that cannot be divided, runs whole', () => {
  expect(chunksOf(step(nin(), 16, sgd()))).toBeUndefined();
  expect(chunksOf(step(nin(), 131, sgd()))).toBeUndefined();
});

test('a batch that batch norm couples runs whole', () => {
  expect(chunksOf(step(nin({ batchNorm: true }), 256, sgd()))).toBeUndefined();
});

test('a network with large weights compared with its activations runs whole', () => {
  expect(chunksOf(forward(googlenet({ size: 28 }), 256).graph)).toBeUndefined();
  expect(chunksOf(step(googlenet({ size: 96 }), 32, sgd()))).toBeUndefined();
});

test('a forward pass can run in chunks, too', () => {
  expect(chunksOf(forward(nin(), 256).graph)?.trips).toBe(16);
});

test('a step in chunks and in the layout matches the whole step in standard operators', async () => {
  const batch = 64;
  const graph = gradients(nin(), batch);
  expect(chunksOf(graph)?.trips).toBe(4);
  const pixels = Float32Array.from({ length: batch * 784 }, (_, i) => Math.abs(Math.sin(i)));
  const feeds = {
    images: float32([batch, 1, 28, 28], pixels),
    labels: int32(
      [batch],
      Array.from({ length: batch }, (_, i) => i % 10),
    ),
    random: uint32([3], [7, 1, 0]),
  };
  const [cpu, portable] = await Promise.all(
    ['cpu', 'portable'].map(async (device) => {
      await using opened = await onnxHere.open({ device });
      await using program = await opened.compile(graph);
      await using state = await opened.createState(initialize(stateOf(nin()).parameters, he, 0));
      return program.run(state, feeds).read();
    }),
  );
  for (const { name } of graph.outputs) {
    const expected = Array.from(portable?.[name]?.data ?? [], Number);
    const norm = Math.hypot(...expected);
    const difference = Math.hypot(...expected.map((value, i) => value - Number(cpu?.[name]?.data[i])));
    expect(norm, name).toBeGreaterThan(0);
    expect(difference / norm, name).toBeLessThan(1e-4);
  }
});
