// Inference models of more than convolutions: running statistics, joined branches, layers that are ops of their own.
import type { Layer, Model } from '@isonet/core';
import { conv2d, dense, flatten, he, initialize, sequential, stateOf } from '@isonet/core';
import { googlenet } from '@isonet/models';
import { describe, expect, test } from 'vitest';
import { exportOnnx } from '../src/index.ts';
import { decode, infoText, nodeText } from './decode.ts';
import { mixed, weightsOf } from './mixed.ts';

describe('batch norm', () => {
  const model: Model = {
    name: 'normed',
    input: { name: 'images', shape: [2, 4, 4] },
    output: { name: 'logits', shape: [3] },
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

test('layers that are ops of their own are single nodes', () => {
  const operators = decode(exportOnnx(mixed, weightsOf(mixed))).graph.node.map(({ opType }) => opType);
  const single =
    'BatchNormalization LRN LeakyRelu HardSigmoid PRelu Sigmoid Clip Concat AveragePool Gemm Softmax LogSoftmax';
  for (const operator of single.split(' ')) {
    expect([operator, operators.filter((other) => other === operator).length]).toEqual([operator, 1]);
  }
});

test('a block of the batch has no size that is known', () => {
  const first: Layer = (scope, x) => {
    const [n = 1, ...rest] = x.shape;
    const pair = scope.fill(1, [n * 2, ...rest]);
    return scope.op.mul(x, scope.op.slice(pair, { starts: [0, 0], sizes: [n, ...rest] }));
  };
  const model: Model = {
    name: 'halved',
    input: { name: 'images', shape: [1, 2, 2] },
    output: { name: 'logits', shape: [4] },
    layer: sequential({ flatten: flatten(), first }),
  };
  expect(() => exportOnnx(model, {})).toThrow(
    'slice "first": cannot be written as ONNX: it cuts axis 0, which follows the batch, to N of N*2',
  );
});

test.each([false, true])(
  'GoogLeNet (batch norm: %s) joins branches with Concat and normalizes in single nodes',
  (normed) => {
    const model = googlenet({ size: 32, batchNorm: normed });
    const weights = weightsOf(model);
    const { graph } = decode(exportOnnx(model, weights));
    expect(graph.node.filter(({ opType }) => opType === 'Concat')).toHaveLength(9);
    expect(graph.node.filter(({ opType }) => opType === 'BatchNormalization')).toHaveLength(normed ? 57 : 0);
    expect(graph.output.map(infoText)).toEqual(['logits: 1 [N, 10]']);
  },
);
