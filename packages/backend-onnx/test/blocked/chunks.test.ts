// Which graphs run in chunks, and how large those are.
import { forward, gradients, sgd, step } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { expect, test } from 'vitest';
import { chunksOf } from '../../src/lowering/chunks.ts';

test('a step on NiN runs in chunks that fit a cache', () => {
  // The largest value of an image: 24 x 26 x 26 float32, 65 kB.
  expect(chunksOf(step(nin(), 256, sgd()))?.trips).toBe(16);
  expect(chunksOf(gradients(nin(), 96))?.trips).toBe(4);
});

test('a batch that fits, or that cannot be divided, runs whole', () => {
  expect(chunksOf(step(nin(), 16, sgd()))).toBeUndefined();
  expect(chunksOf(step(nin(), 131, sgd()))).toBeUndefined();
});

test('images that batch norm couples run whole', () => {
  expect(chunksOf(step(nin({ batchNorm: true }), 256, sgd()))).toBeUndefined();
});

test('a network whose weights are large beside its activations runs whole', () => {
  expect(chunksOf(forward(googlenet({ size: 28 }), 256).graph)).toBeUndefined();
  expect(chunksOf(step(googlenet({ size: 96 }), 32, sgd()))).toBeUndefined();
});

test('a forward pass may run in chunks, too', () => {
  expect(chunksOf(forward(nin(), 256).graph)?.trips).toBe(16);
});
