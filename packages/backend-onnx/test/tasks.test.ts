// Tests tasks and parameter rules in float32: the results match the reference, within rounding.
import type { Device, Model, Tensor, Tensors, TrainerOptions } from '@isonet/core';
import {
  batchNorm,
  classification,
  dense,
  float32,
  he,
  initialize,
  int32,
  multiLabel,
  regression,
  sequential,
  sgd,
  stateOf,
  streamKey,
  Trainer,
  uniformBlock,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { expect, test } from 'vitest';
import { onnxHere as onnx } from '../src/index.ts';

const model: Model = {
  name: 'm',
  input: { name: 'x', shape: [5] },
  output: { name: 'y', shape: [3] },
  layer: sequential({ body: dense(4), bn: batchNorm(), head: dense(3) }),
};

function uniform(stream: string, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return float32(shape, uniformBlock(1, streamKey(stream), 0, 0, size));
}

const halves = float32(
  [4, 3],
  Array.from(uniform('labels', [4, 3]).data, (value) => (value > 0.5 ? 1 : 0)),
);
const mixed = float32([4, 3], [0.5, 0.5, 0, 0.25, 0.25, 0.5, 1, 0, 0, 0, 0.5, 0.5]);

/** Trains some steps, and returns the state and the losses. */
async function trained(
  device: Device,
  labels: Tensor,
  changes: Partial<TrainerOptions>,
): Promise<{ readonly losses: readonly number[]; readonly state: Tensors }> {
  const values = initialize(stateOf(model).parameters, he, 3);
  const given = {
    model,
    device,
    optimizer: sgd({ momentum: 0.9, weightDecay: 0.01 }),
    values,
    seed: 3,
    ...changes,
  };
  const trainer = await Trainer.create(given);
  const losses: number[] = [];
  for (const step of [0, 1, 2, 3]) {
    const { loss } = await (await trainer.step({ inputs: uniform('x', [4, 5]), labels }, step, 0.1))();
    losses.push(loss);
  }
  const state = await trainer.snapshot();
  await trainer[Symbol.asyncDispose]();
  await device[Symbol.asyncDispose]();
  return { losses, state };
}

test.each<[string, Tensor, Partial<TrainerOptions>]>([
  ['classes', int32([4], [0, 2, 1, 2]), {}],
  ['probabilities, smoothed', mixed, { task: classification({ labelSmoothing: 0.1 }) }],
  ['squared errors', halves, { task: regression() }],
  ['absolute errors', halves, { task: regression({ loss: 'meanAbsoluteError' }) }],
  ['Huber', halves, { task: regression({ loss: 'huber', delta: 0.5 }) }],
  ['many labels', halves, { task: multiLabel() }],
  [
    'rules and averages',
    halves,
    {
      task: multiLabel(),
      movingAverage: { decay: 0.5 },
      parameters: [
        { match: 'bn', frozen: true },
        { match: 'body', lrFactor: 0.5 },
        { match: '*.b', weightDecay: 0.1 },
      ],
    },
  ],
])('results match the reference: %s', async (_, labels, changes) => {
  const expected = await trained(await reference.open(), labels, changes);
  const actual = await trained(await onnx.open(), labels, changes);
  const near = (values: readonly number[]): unknown[] =>
    values.map((value) => expect.closeTo(value, 4) as unknown);
  expect(actual.losses).toEqual(near(expected.losses));
  expect(Object.keys(actual.state).toSorted()).toEqual(Object.keys(expected.state).toSorted());
  for (const [name, { data }] of Object.entries(expected.state)) {
    expect(Array.from<number>(actual.state[name]?.data ?? []), name).toEqual(near(Array.from<number>(data)));
  }
});
