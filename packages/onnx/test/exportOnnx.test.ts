// exportOnnx: the contents of an inference model.
import type { Layer, Model } from '@isonet/core';
import {
  conv2d,
  DataError,
  dimOf,
  flatten,
  float32,
  globalAvgPool2d,
  he,
  initialize,
  maxPool2d,
  relu,
  sequential,
  shape2,
  stateOf,
  UnsupportedOpError,
} from '@isonet/core';
import { nin } from '@isonet/models';
import { describe, expect, test } from 'vitest';
import { exportOnnx, readGraph } from '../src/index.ts';
import { decode, infoText, int64s, nodeText } from './decode.ts';

const model = nin();
const weights = initialize(stateOf(model).parameters, he, 7);

/** Builds a model of one layer on `[2, 4, 4]` images. */
function of(layer: Layer, classes = 2): Model {
  const input = { name: 'images', shape: [2, 4, 4] };
  return { name: 'small', input, output: { name: 'logits', shape: [classes] }, layer };
}

describe('nin', () => {
  const { model: file, graph } = decode(exportOnnx(model, weights));

  test('states its versions, producer and name', () => {
    expect(file.irVersion).toBe(8n);
    expect(file.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 17n]]);
    expect(file.producerName).toBe('isonet');
    expect(graph.name).toBe('nin');
  });

  test('accepts any batch and returns logits', () => {
    expect(graph.input.map(infoText)).toEqual(['images: 1 [N, 1, 28, 28]']);
    expect(graph.output.map(infoText)).toEqual(['logits: 1 [N, 10]']);
  });

  test('contains each weight once, under its name, and no other tensor except the shape of the logits', () => {
    const held = graph.initializer.filter(({ name }) => name !== 'constant');
    expect(held.map(({ name }) => name)).toEqual(stateOf(model).parameters.map(({ name }) => name));
    for (const { name, dims, rawData } of held) {
      expect(dims.map(Number)).toEqual(weights[name]?.shape);
      const { data } = weights[name] ?? float32([]);
      expect(Buffer.from(data.buffer).equals(rawData)).toBe(true);
    }
    const others = graph.initializer.filter((tensor) => !held.includes(tensor));
    // 0 keeps the batch.
    expect(others.map(int64s)).toEqual([[0, 10]]);
  });

  test('contains only the layers, with biases inside the convolutions', () => {
    expect(graph.node.map(({ name }) => name).slice(0, 8)).toEqual([
      'nin1.c1/Conv',
      'nin1.c1/Relu',
      'nin1.c2/Conv',
      'nin1.c2/Relu',
      'nin1.c3/Conv',
      'nin1.c3/Relu',
      'pool1/MaxPool',
      'nin2.c1/Conv',
    ]);
    const [first] = graph.node;
    expect(first && nodeText(first)).toBe(
      'nin1.c1/Conv = Conv(images, nin1.c1.w, nin1.c1.b) kernel_shape=3,3 strides=1,1 pads=0,0,0,0 dilations=1,1 group=1',
    );
    const last = graph.node.slice(-2).map(nodeText);
    expect(last).toEqual([
      'gap/GlobalAveragePool = GlobalAveragePool(nin4.c3/Relu)',
      'logits (flatten/Reshape) = Reshape(gap/GlobalAveragePool, constant)',
    ]);
    expect(new Set(graph.node.map(({ name }) => name)).size).toBe(graph.node.length);
    expect(graph.node).toHaveLength(12 * 2 + 3 + 1 + 1);
  });

  test('is written byte for byte the same every time, and differs with other weights', () => {
    const bytes = Buffer.from(exportOnnx(model, weights));
    expect(bytes.equals(exportOnnx(nin(), { ...weights }))).toBe(true);
    const other = { ...weights, 'nin4.c3.b': float32([10], new Float32Array(10).fill(1)) };
    expect(bytes.equals(exportOnnx(model, other))).toBe(false);
  });
});

test('class names and the image note are written as metadata', () => {
  const small = of(sequential({ gap: globalAvgPool2d(), flatten: flatten() }));
  const { model: file } = decode(
    exportOnnx(small, {}, { classNames: ['shirt', 'bag'], imageNote: '0..255' }),
  );
  const metadata = Object.fromEntries(file.metadataProps.map(({ key, value }) => [key, value]));
  expect(metadata).toEqual({ images: '0..255', classes: '["shirt","bag"]' });
  expect(() => exportOnnx(small, {}, { classNames: ['shirt'] })).toThrow(
    new DataError('CLASSES', 'small: expected 2 class names, got 1'),
  );
});

test('float64 weights are rounded, and entries that are not parameters are omitted', () => {
  const small = of(sequential({ c: conv2d(2, { kernel: 4, bias: false }), flatten: flatten() }));
  const data = Float64Array.from({ length: 64 }, (_, i) => i / 10);
  const { graph } = decode(
    exportOnnx(small, {
      'c.w': { dtype: 'float64', shape: [2, 2, 4, 4], data },
      'velocity/c.w': float32([1]),
    }),
  );
  expect(graph.initializer.map(({ name }) => name)).toEqual(['c.w', 'constant']);
  expect(new Float32Array(graph.initializer[0]?.rawData.slice().buffer ?? new ArrayBuffer())).toEqual(
    Float32Array.from(data),
  );
});

test('refuses a missing weight and a weight of another shape', () => {
  const small = of(sequential({ c: conv2d(2, { kernel: 4, bias: false }), flatten: flatten() }));
  expect(() => exportOnnx(small, {})).toThrow('weights: "c.w" (float32 [2, 2, 4, 4]) is missing');
  expect(() => exportOnnx(small, { 'c.w': float32([2, 2, 4]) })).toThrow(
    'weights: "c.w" expected float32 [2, 2, 4, 4], got float32 [2, 2, 4]',
  );
});

test('a bias is merged into its convolution only if nothing else reads the result', () => {
  const shared: Layer = (scope, x) => {
    const y = scope.op.conv2d(x, scope.parameter('w', [2, 2, 4, 4]), {
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
      groups: 1,
    });
    return scope.op.add(y, scope.op.biasAdd(y, scope.parameter('b', [2], 'bias')));
  };
  const { graph } = decode(
    exportOnnx(of(sequential({ s: shared, flatten: flatten() })), {
      's.w': float32([2, 2, 4, 4]),
      's.b': float32([2]),
    }),
  );
  expect(graph.node.map(nodeText)).toEqual([
    's/Conv = Conv(images, s.w) kernel_shape=4,4 strides=1,1 pads=0,0,0,0 dilations=1,1 group=1',
    's/Reshape = Reshape(s.b, constant)',
    's/Add = Add(s/Conv, s/Reshape)',
    's/Add_2 = Add(s/Conv, s/Add)',
    'logits (flatten/Reshape) = Reshape(s/Add_2, constant_2)',
  ]);
});

describe('the batch', () => {
  test('may move to another axis, or be a factor of one', () => {
    // [N, 2, 4, 4] -> [N * 8, 4] -> [N, 32]
    const there: Layer = (scope, x) =>
      scope.op.relu(scope.op.reshape(x, { shape: [(x.shape[0] ?? 0) * 8, 4] }));
    const back: Layer = (scope, x) => scope.op.reshape(x, { shape: [(x.shape[0] ?? 0) / 8, 32] });
    const { graph } = decode(exportOnnx(of(sequential({ there, back }), 32), {}));
    expect(graph.initializer.map(int64s)).toEqual([
      [-1, 4],
      [-1, 32],
    ]);
    expect(graph.output.map(infoText)).toEqual(['logits: 1 [N, 32]']);
  });

  test('may be indexed along another axis, and be part of a batched product', () => {
    const mixed: Layer = (scope, x) => {
      const last = scope.op.cast(scope.fill(3, [2]), { to: 'int32' });
      const rows = scope.op.gather(x, last, { axis: 2 });
      const maps = scope.op.reshape(rows, { shape: [dimOf(x.shape, 0) * 2, 2, 4] });
      const products = scope.op.batchMatMul(maps, maps, { transposeA: false, transposeB: true });
      return scope.op.reshape(products, { shape: [dimOf(x.shape, 0), 8] });
    };
    const { graph } = decode(exportOnnx(of(mixed, 8), {}));
    expect(graph.output.map(infoText)).toEqual(['logits: 1 [N, 8]']);
    const operators = graph.node.map(({ opType }) => opType);
    expect(operators.filter((opType) => ['Gather', 'MatMul'].includes(opType))).toEqual(['Gather', 'MatMul']);
  });

  test('must not determine a constant', () => {
    const mean: Layer = (scope, x) => scope.op.div(x, scope.fill(x.shape[0] ?? 0, x.shape));
    const message =
      'broadcast "mean": cannot be exported for every batch size: with another batch size one of its constants changes';
    const small = of(sequential({ mean, gap: globalAvgPool2d(), flatten: flatten() }));
    expect(() => exportOnnx(small, {})).toThrow(new UnsupportedOpError(message));
  });

  test('must not determine layers or their attributes', () => {
    const odd: Layer = (scope, x) => ((x.shape[0] ?? 0) % 2 === 1 ? scope.op.relu(x) : x);
    const small = of(sequential({ odd, gap: globalAvgPool2d(), flatten: flatten() }));
    expect(() => exportOnnx(small, {})).toThrow(
      'small.forward: cannot be exported for every batch size: with another batch size the network has different layers',
    );
    const stretched: Layer = (scope, x) => maxPool2d({ kernel: x.shape[0] ?? 0 })(scope, x);
    const other = of(sequential({ stretched, gap: globalAvgPool2d(), flatten: flatten() }));
    expect(() => exportOnnx(other, {})).toThrow(
      'maxPool2d "stretched": cannot be exported for every batch size: with another batch size it has different attributes',
    );
  });

  // Each layer receives images [N, 2, 4, 4], flattened to [N, 32].
  test.each<[string, string, Layer]>([
    [
      'mixes images by a sum over the batch',
      'reduceSum "odd": $: it mixes the images of a batch',
      (scope, x) => {
        const sums = scope.op.reduceSum(x, { axes: [0] });
        return scope.op.sub(x, scope.op.broadcast(sums, { shape: x.shape }));
      },
    ],
    [
      'mixes images by a slice of the batch',
      'slice "odd": $: it mixes the images of a batch',
      (scope, x) => {
        const pair = scope.op.reshape(x, { shape: [dimOf(x.shape, 0) * 2, 16] });
        const half = scope.op.slice(pair, { starts: [1, 0], sizes: [dimOf(x.shape, 0), 16] });
        return scope.op.concat(half, half, { axis: 1 });
      },
    ],
    [
      'splits the batch across axes',
      'reshape "odd": $: with another batch size its result [32, 2] has an axis 0 that is not a multiple of the batch',
      (scope, x) => {
        const [n, size] = shape2(x.shape);
        const other = scope.op.reshape(x, { shape: [size, n] });
        return scope.op.reshape(other, { shape: [n, size] });
      },
    ],
    [
      'changes another axis with the batch',
      'reshape "odd": $: with another batch size its result [2, 8, 4] changes along axis 1, which is not the batch axis',
      (scope, x) => {
        const [n, size] = shape2(x.shape);
        const other = scope.op.reshape(x, { shape: n === 2 ? [n, 8, 4] : [n, 4, 8] });
        return scope.op.reshape(other, { shape: [n, size] });
      },
    ],
    [
      'changes the rank with the batch',
      'reshape "odd": $: with another batch size its result [2, 32] has a different rank',
      (scope, x) => {
        const [n, size] = shape2(x.shape);
        const other = scope.op.reshape(x, { shape: n === 2 ? [n, size] : [n, size, 1] });
        return scope.op.reshape(other, { shape: [n, size] });
      },
    ],
    [
      'starts a slice at the batch size',
      'slice "odd": $: with another batch size it has different attributes',
      (scope, x) => {
        const [n, size] = shape2(x.shape);
        const half = scope.op.slice(x, { starts: [0, n], sizes: [n, size / 2] });
        return scope.op.concat(half, half, { axis: 1 });
      },
    ],
  ])('is refused if a layer %s', (_, message, odd) => {
    const model32 = of(sequential({ flatten: flatten(), odd }), 32);
    const expected = message.replace('$', 'cannot be exported for every batch size');
    expect(() => exportOnnx(model32, {})).toThrow(new UnsupportedOpError(expected));
  });

  test('is computed at run time where ONNX needs all sizes', () => {
    const repeated: Layer = (scope, x) => scope.op.globalAvgPool2d(scope.fill(1, x.shape));
    const small = of(sequential({ repeated, flatten: flatten() }));
    const { graph } = readGraph(exportOnnx(small, {}), { dims: { N: 3 } });
    expect(graph.outputs.map(({ value }) => graph.values[value]?.shape)).toEqual([[3, 2]]);
  });
});

test('refuses random numbers and gradients, which need a fixed batch', () => {
  const noise: Layer = (scope, x) => scope.op.add(x, scope.uniform(x.shape));
  const small = of(sequential({ noise, gap: globalAvgPool2d(), flatten: flatten() }));
  expect(() => exportOnnx(small, {})).toThrow(
    /^the device cannot run randomUniform "noise": has no batch-independent form; use exportGraph$/,
  );
});

test('layers without effect write no nodes', () => {
  const nothing: Layer = (scope, x) => scope.op.stopGradient(scope.op.reshape(x, { shape: x.shape }));
  const { graph } = decode(
    exportOnnx(
      of(sequential({ a: nothing, relu: relu(), b: nothing, flatten: flatten(), c: nothing }), 32),
      {},
    ),
  );
  expect(graph.node.map(nodeText)).toEqual([
    'relu/Relu = Relu(images)',
    'logits (flatten/Reshape) = Reshape(relu/Relu, constant)',
  ]);
});
