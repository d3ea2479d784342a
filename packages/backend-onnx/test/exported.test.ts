// Tests that exported inference models, in a separate session, compute the same logits as the device.
import type { Model } from '@isonet/core';
import { float32, forward, sizeOf, streamKey, uniformBlock } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { exportOnnx } from '@isonet/onnx';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { layered } from '../../conformance/src/networks/layered.ts';
import { mixed, weightsOf } from '../../onnx/test/mixed.ts';
import { onnxHere as onnx } from '../src/index.ts';

/**
 * Returns the largest difference between the logits of the exported model and the device's.
 * @param peak a lower bound for the largest logit, because a network that returns zeros proves nothing
 */
async function distance(model: Model, batch: number, peak: number): Promise<number> {
  const weights = weightsOf(model);
  const shape = [batch, ...model.input.shape];
  const images = float32(shape, uniformBlock(3, streamKey('images'), batch, 0, sizeOf(shape)));
  await using device = await onnx.open();
  await using state = await device.createState(weights);
  await using program = await device.compile(forward(model, batch).graph);
  const expected = await program.run(state, { images }).read();
  const session = await ort.InferenceSession.create(exportOnnx(model, weights), { logSeverityLevel: 4 });
  const { logits } = await session.run({ images: new ort.Tensor('float32', images.data, shape) });
  await session.release();
  expect(logits?.dims).toEqual([batch, model.output.shape[0]]);
  const got = Array.from(logits?.data as Float32Array);
  const wanted = Array.from(expected['logits']?.data ?? []);
  expect(Math.max(...wanted)).toBeGreaterThan(peak);
  return Math.max(...got.map((value, i) => Math.abs(value - (wanted[i] ?? NaN))));
}

test.each([1, 7, 32])('nin has the same logits as on the device for a batch of %i', async (batch) => {
  expect(await distance(nin(), batch, 0.1)).toBeLessThan(1e-5);
});

test.each([1, 5])('other layers have the same logits as on the device for a batch of %i', async (batch) => {
  expect(await distance(mixed, batch, 0.01)).toBeLessThan(1e-6);
});

test.each([1, 5])(
  'every kind of convolution and norm has the same logits for a batch of %i',
  async (batch) => {
    expect(await distance(layered, batch, 0.1)).toBeLessThan(1e-5);
  },
);

test.each([false, true])(
  'GoogLeNet (batch norm: %s) has the same logits as on the device',
  async (batchNorm) => {
    expect(await distance(googlenet({ size: 32, batchNorm }), 3, 0.01)).toBeLessThan(1e-4);
  },
);
