// Regression tests of the blocked lowering: every graph has the same results on `cpu` as on `portable`.
import type { GraphBuilder, Tensors, TensorType, Value } from '@isonet/core';
import { float32, GraphBuilder as Builder, sizeOf, typeOf } from '@isonet/core';
import { describe, expect, test } from 'vitest';
import { onnxHere } from '../../src/index.ts';

const pads = [0, 0, 0, 0] as const;
const square = { strides: [1, 1], pads, dilations: [1, 1], groups: 1 } as const;

function image(shape: readonly number[]): TensorType {
  return { dtype: 'float32', shape };
}

interface FeedOptions {
  readonly low?: number;
  readonly scale?: number;
}

/** Runs a graph on both devices. @returns the largest difference, relative to the largest element */
async function distance(
  write: (b: GraphBuilder) => readonly Value[],
  { low = -1, scale = 1 }: FeedOptions = {},
): Promise<number> {
  const b = new Builder('graph');
  write(b).forEach((value, i) => b.output(`y${i}`, value));
  const graph = b.build();
  const feeds: Tensors = Object.fromEntries(
    graph.inputs.map(({ name, value }, k) => {
      const { shape } = typeOf(graph, value);
      const elements = Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(7 * k + i + 1));
      return [
        name,
        float32(
          shape,
          Float32Array.from(elements, (x) => Math.max(low, x) * scale),
        ),
      ];
    }),
  );
  const [cpu, portable] = await Promise.all(
    ['cpu', 'portable'].map(async (device) => {
      await using opened = await onnxHere.open({ device });
      await using program = await opened.compile(graph);
      await using state = await opened.createState({});
      return program.run(state, feeds).read();
    }),
  );
  const differences = graph.outputs.map(({ name }) => {
    const expected = Array.from(portable?.[name]?.data ?? [], Number);
    const got = Array.from(cpu?.[name]?.data ?? [], Number);
    expect(expected.every(Number.isFinite), name).toBe(true);
    const largest = Math.max(...expected.map(Math.abs));
    expect(largest, name).toBeGreaterThan(0);
    return Math.max(...expected.map((value, i) => Math.abs(value - (got[i] ?? NaN)))) / largest;
  });
  return differences.some(Number.isNaN) ? NaN : Math.max(...differences);
}

describe.each([3, 10, 24])('%i channels', (channels) => {
  const shape = [2, channels, 4, 4];
  const filter = image([channels, channels, 1, 1]);
  const perChannel = image([channels]);

  test('NaN from 0 / 0 in the padding does not count as zero padding', async () => {
    const difference = await distance((b) => {
      const [x, w, scale] = [b.input('x', image(shape)), b.input('w', filter), b.input('scale', perChannel)];
      const h = b.op.conv2d(x, w, square);
      const squares = b.op.conv2d(b.op.mul(h, h), b.fill(1, filter.shape), square);
      const unit = b.op.div(h, b.op.sqrt(squares));
      const factor = b.op.broadcast(b.op.reshape(scale, { shape: [1, channels, 1, 1] }), { shape });
      return [b.op.conv2d(b.op.mul(unit, factor), w, square), b.op.conv2d(b.op.tanh(unit), w, square)];
    });
    expect(difference).toBeLessThan(1e-4);
  });

  test('batch norm works with epsilon 0', async () => {
    const difference = await distance((b) => {
      const [x, w, scale] = [b.input('x', image(shape)), b.input('w', filter), b.input('scale', perChannel)];
      const positive = b.op.mul(scale, scale);
      const h = b.op.conv2d(x, w, square);
      const [y, mean, variance] = b.op.batchNorm(h, scale, scale, { epsilon: 0 });
      const known = b.op.batchNormInference(h, scale, scale, scale, positive, { epsilon: 0 });
      const [dx] = b.op.batchNormGrad(h, scale, mean, variance, x, { epsilon: 0 });
      return [y, known, dx].map((value) => b.op.conv2d(value, w, square));
    });
    expect(difference).toBeLessThan(1e-3);
  });
});

test('gradients of convolutions with more padding than filter can be summed', async () => {
  const difference = await distance((b) => {
    const attrs = { ...square, pads: [1, 1, 1, 1] as const, inputShape: [2, 16, 4, 4] };
    const gradient = (name: string): Value => {
      const dy = b.input(`dy${name}`, image([2, 16, 6, 6]));
      return b.op.conv2dGradInput(dy, b.input(`w${name}`, image([16, 16, 1, 1])), attrs);
    };
    return [b.op.add(gradient('p'), gradient('q'))];
  });
  expect(difference).toBeLessThan(1e-5);
});

test('columns of an image are correct before and after its conversion to the layout', async () => {
  const difference = await distance((b) => {
    const x = b.input('x', image([2, 14, 5, 5]));
    const w = b.input('w', image([14, 14, 1, 1]));
    const filterShape = [16, 14, 2, 2];
    const dw = (name: string): Value =>
      b.op.conv2dGradFilter(x, b.input(name, image([2, 16, 4, 4])), { ...square, filterShape });
    const first = dw('d1');
    const inBlocks = b.op.mul(b.op.conv2dGradInput(x, w, { ...square, inputShape: x.shape }), x);
    return [first, inBlocks, dw('d2')];
  });
  expect(difference).toBeLessThan(1e-5);
});

test('the gradient of ReLU is dy where y is subnormal', async () => {
  const b = new Builder('subnormal');
  const type = image([1, 16, 2, 2]);
  const [x, w, y] = [b.input('x', type), b.input('w', image([16, 16, 1, 1])), b.input('y', type)];
  b.output('dx', b.op.reluGrad(y, b.op.conv2d(x, w, square)));
  const filled = (shape: readonly number[], value: number): Tensors[string] =>
    float32(shape, new Float32Array(sizeOf(shape)).fill(value));
  await using device = await onnxHere.open();
  await using program = await device.compile(b.build());
  await using state = await device.createState({});
  const feeds = { x: filled(type.shape, 1), w: filled([16, 16, 1, 1], 1), y: filled(type.shape, 1e-39) };
  const { dx } = await program.run(state, feeds).read();
  expect(new Set(dx?.data)).toEqual(new Set([16]));
});

test('sums over many pixels are correct', async () => {
  const difference = await distance(
    (b) => {
      const [x, w] = [b.input('x', image([2, 3, 72, 72])), b.input('w', image([3, 3, 1, 1]))];
      const h = b.op.conv2d(x, w, square);
      const scale = b.input('scale', image([3]));
      return [b.op.reduceSum(h, { axes: [0, 2, 3] }), ...b.op.batchNorm(h, scale, scale, { epsilon: 1e-5 })];
    },
    { low: 0 },
  );
  expect(difference).toBeLessThan(1e-4);
});
