// Tests values that overflow float32, although float64 could represent them: a training step that computes one changes nothing.
import type { Model, Tensor } from '@isonet/core';
import { adam, float32, NonFiniteError, regression, sgd, Trainer } from '@isonet/core';
import { expect, test } from 'vitest';
import { onnxHere as onnx } from '../src/index.ts';

/** Computes y = scale x. */
const model: Model = {
  name: 'scaled',
  input: { name: 'x', shape: [2] },
  output: { name: 'y', shape: [2] },
  layer: (scope, x) =>
    scope.run(
      'layer',
      (inner, value) => {
        const weight = inner.op.reshape(inner.parameter('scale', [2]), { shape: [1, 2] });
        return inner.op.mul(value, inner.op.broadcast(weight, { shape: value.shape }));
      },
      x,
    ),
};

const row = (values: readonly number[]): Tensor => float32([1, 2], values);

test.each(['whole', 'in parts'])('Adam rejects a gradient whose square overflows: %s', async (how) => {
  const device = await onnx.open();
  const trainer = await Trainer.create({
    model,
    device,
    task: regression({ loss: 'meanAbsoluteError' }),
    optimizer: adam(),
    values: { 'layer.scale': float32([2], [1, 1]) },
    seed: 1,
    ...(how === 'whole' ? {} : { microBatchSize: 1 }),
  });
  const finite = { inputs: row([1, 2]), labels: row([0, 0]) };
  const rows = how === 'whole' ? 1 : 2;
  const repeated = (tensor: Tensor): Tensor =>
    float32([rows, 2], Array.from({ length: rows }, () => Array.from<number>(tensor.data)).flat());
  const batch = (inputs: Tensor): { inputs: Tensor; labels: Tensor } => ({
    inputs: repeated(inputs),
    labels: repeated(finite.labels),
  });
  await (
    await trainer.step(batch(finite.inputs), 0, 0.1)
  )();
  const before = await trainer.snapshot();

  // The gradients are 5e24 and 1: finite, but the square of the first is not.
  const large = batch(row([1e25, 2]));
  const { gradients, loss } = await trainer.gradients(large, { step: 1 });
  expect(Number.isFinite(loss)).toBe(true);
  expect(gradients['layer.scale']?.data.every(Number.isFinite)).toBe(true);
  const [bad, following] = await Promise.all([
    trainer.start(large, 1, 0.1),
    trainer.start(batch(finite.inputs), 2, 0.1),
  ]);
  const error: unknown = await bad.read().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NonFiniteError);
  expect(error).toMatchObject({
    origin: { step: 2, layer: 'layer.scale', op: 'adamUpdate', phase: 'update' },
    message: expect.stringMatching(/^step 2: adamUpdate of "layer\.scale" \(update\) is the first/) as string,
  });
  await expect(following.read()).rejects.toThrow('step 3: skipped because step 2 was not finite');
  expect(await trainer.snapshot()).toEqual(before);

  await trainer.restore(before);
  await (
    await trainer.step(batch(finite.inputs), 1, 0.1)
  )();
  expect(await trainer.snapshot()).not.toEqual(before);
  await trainer[Symbol.asyncDispose]();
  await device[Symbol.asyncDispose]();
});

test('the error names the layer of an overflow that float64 would not have', async () => {
  const device = await onnx.open();
  const trainer = await Trainer.create({
    model,
    device,
    task: regression({ loss: 'meanAbsoluteError' }),
    optimizer: sgd(),
    values: { 'layer.scale': float32([2], [1e20, 1]) },
    seed: 1,
  });
  const step = await trainer.step({ inputs: row([1e20, 1]), labels: row([0, 0]) }, 0, 0.1);
  const error: unknown = await step().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ origin: { step: 1, layer: 'layer', op: 'mul', phase: 'forward' } });
  await trainer[Symbol.asyncDispose]();
  await device[Symbol.asyncDispose]();
});
