// Inference models of more than convolutions: running statistics, joined branches, layers that are ops of their own.
import type { Layer, Model, Tensors } from '@isonet/core';
import {
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  float32,
  forward,
  hardSigmoid,
  he,
  initialize,
  leakyRelu,
  localResponseNorm,
  parallel,
  prelu,
  sequential,
  sizeOf,
  stateOf,
  streamKey,
  uniformBlock,
} from '@isonet/core';
import { googlenet } from '@isonet/models';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { exportOnnx, onnx } from '../src/index.ts';
import { decode, infoText, nodeText } from './decode.ts';

/** Weights as at the start, and running statistics as they may be after training. */
function weightsOf(model: Model): Tensors {
  const { parameters, buffers } = stateOf(model);
  const statistics = buffers.map(({ name, shape, initial }) => {
    const unit = uniformBlock(5, streamKey(name), 0, 0, sizeOf(shape));
    return [
      name,
      float32(
        shape,
        unit.map((u) => initial + u / 4),
      ),
    ] as const;
  });
  return { ...initialize(parameters, he, 7), ...Object.fromEntries(statistics) };
}

/** The largest difference between the logits of the exported model and the device's. */
async function distance(model: Model, weights: Tensors, batch: number): Promise<number> {
  const shape = [batch, ...model.imageShape];
  const images = float32(shape, uniformBlock(3, streamKey('images'), batch, 0, sizeOf(shape)));
  await using device = await onnx.open();
  await using state = await device.createState(weights);
  await using program = await device.compile(forward(model, batch).graph);
  const expected = await program.run(state, { images }).read();
  const session = await ort.InferenceSession.create(exportOnnx(model, weights), { logSeverityLevel: 4 });
  const { logits } = await session.run({ images: new ort.Tensor('float32', images.data, shape) });
  await session.release();
  expect(logits?.dims).toEqual([batch, model.classes]);
  const got = Array.from(logits?.data as Float32Array);
  const wanted = Array.from(expected['logits']?.data ?? []);
  expect(Math.max(...wanted)).toBeGreaterThan(0.01);
  return Math.max(...got.map((value, i) => Math.abs(value - (wanted[i] ?? NaN))));
}

describe('batch norm', () => {
  const model: Model = {
    name: 'normed',
    imageShape: [2, 4, 4],
    classes: 3,
    layer: sequential({ c: conv2d(2, { kernel: 3, batchNorm: true }), flatten: flatten(), fc: dense(3) }),
  };
  const weights = weightsOf(model);

  test('is one node, its running statistics initializers beside the weights', () => {
    const { graph } = decode(exportOnnx(model, weights));
    expect(graph.input.map(infoText)).toEqual(['images: 1 [N, 2, 4, 4]']);
    const held = graph.initializer.map(({ name }) => name).filter((name) => name !== 'constant');
    const { parameters, buffers } = stateOf(model);
    expect(held.toSorted()).toEqual([...parameters, ...buffers].map(({ name }) => name).toSorted());
    expect(buffers.length).toBe(2);
    const [normalization] = graph.node.filter(({ opType }) => opType === 'BatchNormalization');
    expect(normalization?.input.slice(-2)).toEqual(buffers.map(({ name }) => name));
    expect(normalization && nodeText(normalization)).toContain(`epsilon=${Math.fround(1e-5)}`);
    expect(graph.node.at(-1)).toMatchObject({ opType: 'Gemm', input: ['flatten/Reshape', 'fc.w', 'fc.b'] });
  });

  test('needs them', () => {
    const { parameters } = stateOf(model);
    expect(() => exportOnnx(model, initialize(parameters, he, 7))).toThrow(
      /^weights: ".*mean" .* is missing$/,
    );
  });
});

describe('layers that are ops of their own', () => {
  const gate: Layer = (scope, x) =>
    scope.op.clip(scope.op.mul(x, scope.op.sigmoid(x)), { low: -0.2, high: 2 });
  const cut: Layer = (scope, x) => {
    const [n = 1, , ...field] = x.shape;
    const half = scope.op.slice(x, { starts: [0, 1, 0, 0], sizes: [n, 4, ...field] });
    return scope.op.transpose(half, { permutation: [0, 2, 3, 1] });
  };
  const model: Model = {
    name: 'mixed',
    imageShape: [4, 6, 6],
    classes: 3,
    layer: sequential({
      norm: batchNorm(),
      both: parallel({
        odd: sequential({ norm: localResponseNorm({ size: 3, alpha: 1 }), act: leakyRelu() }),
        even: sequential({ norm: localResponseNorm({ size: 2, alpha: 1 }), act: hardSigmoid() }),
        slopes: prelu(),
        gate,
      }),
      pool: avgPool2d({ kernel: 3, stride: 2, padding: 1 }),
      cut,
      flatten: flatten(),
      fc: dense(3),
      tail: (scope, x) => scope.op.exp(scope.op.logSoftmax(scope.op.softmax(x, { axis: 1 }), { axis: 1 })),
    }),
  };

  test('are single nodes', () => {
    const operators = decode(exportOnnx(model, weightsOf(model))).graph.node.map(({ opType }) => opType);
    const single =
      'BatchNormalization LRN LeakyRelu HardSigmoid PRelu Sigmoid Clip Concat AveragePool Gemm Softmax LogSoftmax';
    for (const operator of single.split(' ')) {
      expect([operator, operators.filter((other) => other === operator).length]).toEqual([operator, 1]);
    }
  });

  test.each([1, 5])('give the logits of the device for a batch of %i', async (batch) => {
    expect(await distance(model, weightsOf(model), batch)).toBeLessThan(1e-6);
  });
});

test('a block of the batch has no size that is known', () => {
  const first: Layer = (scope, x) => {
    const [n = 1, ...rest] = x.shape;
    const pair = scope.op.concat(x, x, { axis: 0 });
    return scope.op.slice(pair, { starts: [0, 0], sizes: [n, ...rest] });
  };
  const model: Model = {
    name: 'halved',
    imageShape: [1, 2, 2],
    classes: 4,
    layer: sequential({ flatten: flatten(), first }),
  };
  expect(() => exportOnnx(model, {})).toThrow(
    'slice "first": cannot be written as ONNX: it cuts axis 0, which follows the batch, to N of N*2',
  );
});

test.each([false, true])('GoogLeNet (batch norm: %s) gives the logits of the device', async (normed) => {
  const model = googlenet({ size: 32, batchNorm: normed });
  const weights = weightsOf(model);
  const { graph } = decode(exportOnnx(model, weights));
  expect(graph.node.filter(({ opType }) => opType === 'Concat')).toHaveLength(9);
  expect(graph.node.filter(({ opType }) => opType === 'BatchNormalization')).toHaveLength(normed ? 57 : 0);
  expect(graph.output.map(infoText)).toEqual(['logits: 1 [N, 10]']);
  expect(await distance(model, weights, 3)).toBeLessThan(1e-4);
});
