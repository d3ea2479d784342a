// Inference models beyond convolutions: running statistics, joined branches, and layers that are single ops.
import type { Layer, Model } from '@isonet/core';
import {
  conv2d,
  convTranspose2d,
  dense,
  depthwiseConv2d,
  flatten,
  forward,
  gelu,
  groupNorm,
  he,
  initialize,
  layerNorm,
  sequential,
  silu,
  stateOf,
  upsample2d,
} from '@isonet/core';
import { googlenet } from '@isonet/models';
import { describe, expect, test } from 'vitest';
import { exportGraph, exportOnnx } from '../src/index.ts';
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

  test('is one node, with its running statistics as initializers', () => {
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

  test('requires running statistics', () => {
    const { parameters } = stateOf(model);
    expect(() => exportOnnx(model, initialize(parameters, he, 7))).toThrow(
      /^weights: ".*mean" .* is missing$/,
    );
  });
});

test('layers that are single ops are single nodes', () => {
  const operators = decode(exportOnnx(mixed, weightsOf(mixed))).graph.node.map(({ opType }) => opType);
  const single =
    'BatchNormalization LRN LeakyRelu HardSigmoid PRelu Sigmoid Clip Concat AveragePool Gemm Softmax LogSoftmax';
  for (const operator of single.split(' ')) {
    expect([operator, operators.filter((other) => other === operator).length]).toEqual([operator, 1]);
  }
});

describe('layers as operators', () => {
  const operatorsOf = (layer: Layer): string => {
    const model: Model = {
      name: 'm',
      input: { name: 'images', shape: [4, 6, 6] },
      output: { name: 'logits', shape: [3] },
      layer: sequential({ layer, flatten: flatten(), fc: dense(3) }),
    };
    const { graph } = decode(exportOnnx(model, weightsOf(model)));
    expect(graph.output.map(infoText)).toEqual(['logits: 1 [N, 3]']);
    return graph.node
      .filter(({ name }) => name.startsWith('layer/'))
      .map(({ opType }) => opType)
      .join(' ');
  };

  test.each<[string, Layer, string]>([
    ['convTranspose2d', convTranspose2d(4, { kernel: 3, stride: 2 }), 'ConvTranspose Reshape Add'],
    ['a 1x1 convTranspose2d', convTranspose2d(4, { kernel: 1, bias: false }), 'ConvTranspose'],
    ['depthwiseConv2d', depthwiseConv2d({ kernel: 3, padding: 'same' }), 'Conv'],
    ['upsample2d', upsample2d([2, 3]), 'Resize'],
    ['gelu', gelu(), 'Mul Erf Add Mul Mul'],
    ['gelu by tanh', gelu({ approximate: true }), 'Mul Mul Mul Add Mul Tanh Add Mul Mul'],
    ['silu', silu(), 'Sigmoid Mul'],
  ])('%s', (_, layer, operators) => {
    expect(operatorsOf(layer)).toBe(operators);
  });

  test.each<[string, Layer]>([
    ['groupNorm', groupNorm(2)],
    ['layerNorm', layerNorm()],
  ])('%s computes its statistics per sample', (_, layer) => {
    expect(operatorsOf(layer).split(' ')).toEqual(expect.arrayContaining(['ReduceSum', 'Sqrt']));
  });

  test('a 1x1 convTranspose2d on few pixels is a product only for a fixed batch', () => {
    const model: Model = {
      name: 'm',
      input: { name: 'images', shape: [4, 2, 2] },
      output: { name: 'logits', shape: [16] },
      layer: sequential({ up: convTranspose2d(4, { kernel: 1, bias: false }), flatten: flatten() }),
    };
    const operators = ({ graph }: ReturnType<typeof decode>): readonly string[] =>
      graph.node.map(({ opType }) => opType);
    expect(operators(decode(exportOnnx(model, weightsOf(model))))).toEqual(['ConvTranspose', 'Reshape']);
    expect(operators(decode(exportGraph(forward(model, 2).graph).bytes))).toContain('Gemm');
  });
});

test('refuses to slice the batch, whose size is unknown', () => {
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
    'slice "first": cannot be written as ONNX: it slices axis 0, which follows the batch, to N of N*2',
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
