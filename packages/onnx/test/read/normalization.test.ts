// Normalizations: expected values are computed by hand from the definitions in ONNX's Operators.md or come from its test data.
import { float32, GraphBuilder, Scope } from '@isonet/core';
import type { Graph } from '@isonet/core';
import { readGraph, readOnnx } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import { onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, gradientError, node, onnxModel, outputOf, run, runGraph, scattered } from './model.ts';

type Attrs = Parameters<typeof node>[3];

const vector = (name: string, ...data: readonly number[]): ReturnType<typeof onnxTensor> =>
  onnxTensor(name, float32([data.length], data));

const rounded = (values: readonly number[]): readonly number[] =>
  values.map((value) => Number(value.toPrecision(6)));

describe('BatchNormalization', () => {
  const statistics = [
    vector('scale', 2, 1),
    vector('bias', 1, 0),
    vector('mean', 1, 2),
    vector('variance', 4, 1),
  ];
  const inputs = ['x', 'scale', 'bias', 'mean', 'variance'];
  const x = float32([2, 2, 1], [1, 2, 5, 6]);

  it('uses the stored statistics in inference', async () => {
    const nodes = [node('BatchNormalization', inputs, ['y'], { epsilon: { float: 0 } })];
    for (const opset of [7, 9, 14, 15]) {
      expect((await outputOf({ nodes, initializers: statistics, opset }, x)).data).toEqual([1, 0, 5, 4]);
    }
  });

  it('uses the batch if the file requests it, and returns the running statistics', async () => {
    const attrs = { epsilon: { float: 0 }, momentum: { float: 0.75 } };
    const outputs = ['y', 'nextMean', 'nextVariance'];
    const files = [
      { nodes: [node('BatchNormalization', inputs, outputs, { ...attrs, training_mode: 1 })], opset: 15 },
      { nodes: [node('BatchNormalization', inputs, [...outputs, 'saved', 'spread'], attrs)], opset: 9 },
    ];
    for (const file of files) {
      const bytes = onnxModel({ ...file, initializers: statistics, inputs: { x: x.shape }, outputs });
      const { y, nextMean, nextVariance } = await run(bytes, { x });
      // The channels have means 3 and 4, and biased variance 4.
      expect(y?.data).toEqual([-1, -1, 3, 1]);
      expect(nextMean?.data).toEqual([0.75 + 0.75, 1.5 + 1]);
      expect(nextVariance?.data).toEqual([3 + 1, 0.75 + 1]);
    }
  });

  it('uses the batch and updates the running statistics in training, unless it is frozen', async () => {
    const nodes = [node('BatchNormalization', inputs, ['y'], { momentum: { float: 0.75 } })];
    const network = readOnnx(
      onnxModel({ nodes, initializers: statistics, inputs: { x: [1, 2, 1] }, outputs: ['y'] }),
    );
    const training = (isFrozen: (name: string) => boolean): Graph => {
      const b = new GraphBuilder('training');
      const scope = Scope.root(b, { training: true, isFrozen });
      network.layer(scope, b.input('x', { dtype: 'float32', shape: x.shape }));
      for (const [name, value] of scope.bufferValues) b.output(`next/${name}`, value);
      return b.build();
    };
    const next = await runGraph(
      training(() => false),
      network.values,
      { x },
    );
    expect(Array.from(next['next/mean']!.data)).toEqual([0.75 + 0.75, 1.5 + 1]);
    // For two samples, the unbiased variance is 8.
    expect(Array.from(next['next/variance']!.data)).toEqual([3 + 2, 0.75 + 2]);
    const frozen = training((name) => name === 'scale' || name === 'bias');
    expect(frozen.outputs).toEqual([]);
    expect(frozen.nodes[0]?.op).toBe('batchNormInference');
  });

  it('standardizes weights if its input is an initializer, which is learned', async () => {
    const nodes = [
      node('BatchNormalization', ['w', 'scale', 'bias', 'mean', 'variance'], ['standardized'], {
        training_mode: 1,
      }),
      node('MatMul', ['x', 'standardized'], ['y']),
    ];
    const model = { nodes, initializers: [...statistics, onnxTensor('w', scattered([3, 2]))] };
    const { graph } = readGraph(onnxModel({ ...model, inputs: { x: [2, 3] }, outputs: ['y'] }));
    expect(graph.state.map(({ name }) => name)).toEqual(['w', 'scale', 'bias']);
    expect(await gradientError(model, scattered([2, 3], 1))).toBeLessThan(1e-3);
  });
});

describe('normalization within a sample', () => {
  const scale = vector('scale', 2, 1);
  const bias = vector('bias', 1, 0);

  it('InstanceNormalization normalizes each channel of each sample', async () => {
    const nodes = [node('InstanceNormalization', ['x', 'scale', 'bias'], ['y'], { epsilon: { float: 0 } })];
    const y = await outputOf({ nodes, initializers: [scale, bias] }, float32([1, 2, 2], [1, 3, 5, 9]));
    expect(y.data).toEqual([-1, 3, -1, 1]);
  });

  it('GroupNormalization scales groups up to operator set 20, and channels since 21', async () => {
    const nodes = [
      node('GroupNormalization', ['x', 'scale', 'bias'], ['y'], { num_groups: 2, epsilon: { float: 0 } }),
    ];
    const x = float32([1, 4, 1], [1, 3, 5, 9]);
    const groups = { nodes, initializers: [scale, bias], opset: 18 };
    expect((await outputOf(groups, x)).data).toEqual([-1, 3, -1, 1]);
    const channels = [vector('scale', 2, 2, 1, 1), vector('bias', 1, 1, 0, 0)];
    expect((await outputOf({ nodes, initializers: channels, opset: 21 }, x)).data).toEqual([-1, 3, -1, 1]);
    expect(await gradientError(groups, scattered([2, 4, 3]))).toBeLessThan(1e-4);
  });

  it('LayerNormalization normalizes the axes from `axis` on, and returns mean and inverse deviation', async () => {
    const x = float32([2, 2], [1, 3, 5, 9]);
    const layer = (attrs: Attrs, outputs = ['y']) => [
      node('LayerNormalization', ['x', 'scale', 'bias'].slice(0, outputs.length === 1 ? 3 : 2), outputs, {
        epsilon: { float: 0 },
        ...attrs,
      }),
    ];
    expect((await outputOf({ nodes: layer({}), initializers: [scale, bias] }, x)).data).toEqual([
      -1, 1, -1, 1,
    ]);
    const nodes = layer({ axis: -2 }, ['y', 'mean', 'inverse']);
    const outputs = ['y', 'mean', 'inverse'];
    const whole = await run(onnxModel({ nodes, initializers: [scale], inputs: { x: x.shape }, outputs }), {
      x,
    });
    // Mean 4.5, variance (12.25 + 2.25 + 0.25 + 20.25) / 4 = 8.75.
    const deviation = Math.sqrt(8.75);
    expect(whole['mean']).toEqual({ shape: [1, 1], data: [4.5] });
    expect(whole['inverse']?.data).toEqual(rounded([1 / deviation]));
    expect(whole['y']?.data).toEqual(rounded([-7, -1.5, 1, 4.5].map((value) => value / deviation)));
    const model = { nodes: layer({ axis: 0 }), initializers: [scale, bias] };
    expect(await gradientError(model, scattered([3, 2]))).toBeLessThan(1e-4);
  });

  it('RMSNormalization, LpNormalization, MeanVarianceNormalization and LRN follow their definitions', async () => {
    const only = async (opType: string, attrs: Attrs, x = float32([1, 2], [3, -4]), names = ['x']) =>
      (await outputOf({ nodes: [node(opType, names, ['y'], attrs)], initializers: [scale], opset: 23 }, x))
        .data;
    const root = Math.sqrt(12.5);
    expect(
      await only('RMSNormalization', { epsilon: { float: 0 } }, float32([1, 2], [3, -4]), ['x', 'scale']),
    ).toEqual(rounded([6 / root, -4 / root]));
    expect(await only('LpNormalization', {})).toEqual([0.6, -0.8]);
    expect(await only('LpNormalization', { p: 1 })).toEqual(rounded([3 / 7, -4 / 7]));
    expect(await only('LpNormalization', { axis: 0 }, float32([1, 1], [0]))).toEqual([0]);
    expect(await only('MeanVarianceNormalization', { axes: [0] }, float32([2, 1], [1, 5]))).toEqual([-1, 1]);
    // The window spans two of three channels: the channel itself and the next one.
    const lrn = { size: 2, alpha: { float: 2 }, beta: { float: 0.5 }, bias: { float: 1 } };
    expect(await only('LRN', lrn, float32([1, 3, 1], [1, 2, 3]))).toEqual(
      rounded([1 / Math.sqrt(6), 2 / Math.sqrt(14), 3 / Math.sqrt(10)]),
    );
  });
});

describe('Softmax', () => {
  const x = float32([1, 2, 2], [0, 1, 2, 3].map(Math.log).with(0, Math.log(4)));
  const of = async (opType: string, opset: number, attrs: Attrs = {}) =>
    (await outputOf({ nodes: [node(opType, ['x'], ['y'], attrs)], opset }, x)).data;

  it('runs along all axes from `axis` on before operator set 13, and along that axis only since', async () => {
    expect(await of('Softmax', 12)).toEqual(rounded([0.4, 0.1, 0.2, 0.3]));
    expect(await of('Softmax', 13)).toEqual(rounded([0.8, 0.2, 0.4, 0.6]));
    expect(await of('Softmax', 12, { axis: 2 })).toEqual(rounded([0.8, 0.2, 0.4, 0.6]));
    expect(await of('Softmax', 13, { axis: 1 })).toEqual(rounded([2 / 3, 0.25, 1 / 3, 0.75]));
    expect(await of('LogSoftmax', 11, { axis: 0 })).toEqual(rounded([0.4, 0.1, 0.2, 0.3].map(Math.log)));
  });

  it('is one at the first maximum for Hardmax', async () => {
    expect(await of('Hardmax', 11)).toEqual([1, 0, 0, 0]);
    expect(await of('Hardmax', 13)).toEqual([1, 0, 0, 1]);
    expect(await of('Hardmax', 13, { axis: 1 })).toEqual([1, 0, 0, 1]);
  });
});

describe('Dropout', () => {
  /** A file with two Dropout nodes in sequence. */
  const bytes = onnxModel({
    nodes: [
      node('Dropout', ['x'], ['a', 'mask'], { ratio: { float: 0.25 } }),
      node('Dropout', ['a'], ['y', 'unused'], { ratio: { float: 0.25 } }),
    ],
    inputs: { x: [2, 8] },
    outputs: ['y', 'mask'],
    opset: 10,
  });

  it('is the identity in inference, and keeps everything', async () => {
    const x = counting([2, 8]);
    const { y, mask } = await run(bytes, { x });
    expect(y?.data).toEqual(Array.from(x.data));
    expect(mask?.data).toEqual(Array.from({ length: 16 }, () => 1));
  });

  it('drops in training, with separate random numbers for each node', () => {
    const network = readOnnx(
      onnxModel({
        nodes: [
          node('Dropout', ['x', 'ratio'], ['a']),
          node('Dropout', ['a', 'ratio'], ['b']),
          node('Dropout', ['b', 'none'], ['y']),
        ],
        initializers: [onnxTensor('ratio', float32([], [0.25])), onnxTensor('none', float32([], [0]))],
        inputs: { x: [1, 8] },
        outputs: ['y'],
      }),
    );
    const graph: Graph = (() => {
      const b = new GraphBuilder('training');
      const scope = Scope.root(b, { training: true });
      b.output('y', network.layer(scope, b.input('x', { dtype: 'float32', shape: [4, 8] })));
      return b.build();
    })();
    const drops = graph.nodes.filter(({ op }) => op === 'dropout');
    const streams = graph.nodes.flatMap((made) => (made.op === 'randomUniform' ? [made.attrs.stream] : []));
    expect(drops.map(({ attrs }) => attrs)).toEqual([{ rate: 0.25 }, { rate: 0.25 }]);
    expect(new Set(streams).size).toBe(2);
  });

  it('refuses a ratio that drops everything', () => {
    const all = onnxModel({
      nodes: [node('Dropout', ['x'], ['y'], { ratio: { float: 1 } })],
      inputs: { x: [1, 8] },
      outputs: ['y'],
      opset: 11,
    });
    expect(() => readGraph(all)).toThrow('expected a ratio of at least 0 and less than 1, got 1');
  });
});
