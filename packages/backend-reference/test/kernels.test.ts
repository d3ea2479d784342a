// Tests the kernels against independent computations: the definition of a convolution as one sum, the adjoint identity of its
// gradients, and values worked out by hand.
import type { Conv2dAttrs, Shape, Tensor, Tensors, Value } from '@isonet/core';
import {
  bool,
  definitionOf,
  float32,
  GraphBuilder,
  int32,
  scalar,
  sizeOf,
  uint32,
  uniformBlock,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { reference } from '../src/index.ts';

/** Builds a graph on the feeds, runs it and returns the elements of its result. */
async function compute(
  feeds: Tensors,
  build: (b: GraphBuilder, x: (name: string) => Value) => Value,
): Promise<number[]> {
  const b = new GraphBuilder('test');
  const declared = Object.entries(feeds).map(
    ([name, { dtype, shape }]) =>
      [name, b.input(name, { dtype: dtype === 'float64' ? 'float32' : dtype, shape })] as const,
  );
  const values = new Map(declared);
  const input = (name: string): Value => values.get(name) ?? b.scalar(NaN);
  b.output('y', build(b, input));
  await using device = await reference.open();
  const program = await device.compile(b.build());
  const { y } = await program.run(await device.createState({}), feeds).read();
  return Array.from<number>(y?.data ?? []);
}

function random(seed: number, shape: Shape): Tensor {
  return float32(
    shape,
    uniformBlock(seed, 0, 0, 0, sizeOf(shape)).map((u) => u - 0.5),
  );
}

const base: Conv2dAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 };
const geometries: readonly (readonly [string, Shape, Shape, Conv2dAttrs])[] = [
  ['1x1', [2, 3, 4, 5], [4, 3, 1, 1], base],
  ['3x3', [2, 3, 5, 6], [4, 3, 3, 3], base],
  ['padded so that whole rows align', [2, 2, 5, 5], [3, 2, 3, 3], { ...base, pads: [1, 1, 1, 1] }],
  ['asymmetric', [1, 2, 6, 7], [3, 2, 3, 2], { ...base, strides: [2, 3], pads: [0, 2, 1, 0] }],
  ['dilated', [1, 2, 9, 8], [2, 2, 3, 3], { ...base, dilations: [2, 3], pads: [2, 0, 0, 3] }],
  ['grouped', [2, 4, 5, 5], [6, 2, 3, 3], { ...base, groups: 2, pads: [1, 0, 0, 1] }],
  ['wider padding than kernel', [1, 1, 2, 2], [1, 1, 2, 2], { ...base, pads: [3, 3, 0, 0] }],
];

/** Computes conv2d as core's ops/conv2d.ts defines it, one output at a time; `at` returns 0 outside x. */
function definition(x: Tensor, w: Tensor, { strides, pads, dilations, groups }: Conv2dAttrs): number[] {
  const [images = 0, channels = 0, height = 0, width = 0] = x.shape;
  const [filters = 0, perGroup = 0, kh = 0, kw = 0] = w.shape;
  const at = (n: number, c: number, i: number, j: number): number =>
    i < 0 || j < 0 || i >= height || j >= width
      ? 0
      : (x.data[((n * channels + c) * height + i) * width + j] ?? NaN);
  const outHeight = Math.floor((height + pads[0] + pads[2] - (kh - 1) * dilations[0] - 1) / strides[0]) + 1;
  const outWidth = Math.floor((width + pads[1] + pads[3] - (kw - 1) * dilations[1] - 1) / strides[1]) + 1;
  const y: number[] = [];
  for (let position = 0; position < images * filters * outHeight * outWidth; position++) {
    const j = position % outWidth;
    const i = Math.floor(position / outWidth) % outHeight;
    const k = Math.floor(position / outWidth / outHeight) % filters;
    const n = Math.floor(position / outWidth / outHeight / filters);
    const firstChannel = Math.floor(k / (filters / groups)) * perGroup;
    let sum = 0;
    for (let tap = 0; tap < perGroup * kh * kw; tap++) {
      const q = tap % kw;
      const p = Math.floor(tap / kw) % kh;
      const c = Math.floor(tap / kw / kh);
      const row = i * strides[0] + p * dilations[0] - pads[0];
      const column = j * strides[1] + q * dilations[1] - pads[1];
      sum += at(n, firstChannel + c, row, column) * (w.data[k * perGroup * kh * kw + tap] ?? NaN);
    }
    y.push(sum);
  }
  return y;
}

function resultShape(x: Shape, w: Shape, attrs: Conv2dAttrs): Shape {
  const types = [x, w].map((shape) => ({ dtype: 'float32', shape }) as const);
  return definitionOf('conv2d').infer(types, attrs, (message) => new Error(message))[0]?.shape ?? [];
}

const dot = (a: readonly number[], b: Tensor): number =>
  a.reduce((sum, value, i) => sum + value * (b.data[i] ?? NaN), 0);

describe('convolutions', () => {
  it.each(geometries)('%s: conv2d matches its definition', async (_, xShape, wShape, attrs) => {
    const [x, w] = [random(1, xShape), random(2, wShape)];
    const y = await compute({ x, w }, (b, value) => b.op.conv2d(value('x'), value('w'), attrs));
    const expected = definition(x, w, attrs);
    expect(y.length).toBe(expected.length);
    y.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12));
  });

  // conv2d is bilinear, so <conv2d(x, w), dy> = <x, conv2dGradInput(dy, w)> = <w, conv2dGradFilter(x, dy)>.
  it.each(geometries)('%s: both gradients are adjoint to conv2d', async (_, xShape, wShape, attrs) => {
    const [x, w] = [random(1, xShape), random(2, wShape)];
    const dy = random(3, resultShape(xShape, wShape, attrs));
    const product = dot(definition(x, w, attrs), dy);
    const dx = await compute({ dy, w }, (b, value) =>
      b.op.conv2dGradInput(value('dy'), value('w'), { ...attrs, inputShape: xShape }),
    );
    const dw = await compute({ x, dy }, (b, value) =>
      b.op.conv2dGradFilter(value('x'), value('dy'), { ...attrs, filterShape: wShape }),
    );
    expect(dot(dx, x)).toBeCloseTo(product, 12);
    expect(dot(dw, w)).toBeCloseTo(product, 12);
  });
});

describe('pooling', () => {
  const window = { kernel: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0] } as const;
  const image = float32([1, 1, 3, 3], [1, 5, 5, 2, 5, 0, 7, 1, 1]);

  it('returns the maximum of each window', async () => {
    expect(await compute({ x: image }, (b, value) => b.op.maxPool2d(value('x'), window))).toEqual([
      5, 5, 7, 5,
    ]);
  });

  it('never returns the padding', async () => {
    const x = float32([1, 1, 1, 2], [-3, -4]);
    const attrs = { kernel: [2, 2], strides: [1, 1], pads: [1, 1, 0, 0] } as const;
    expect(await compute({ x }, (b, value) => b.op.maxPool2d(value('x'), attrs))).toEqual([-3, -3]);
  });

  it('sends each gradient to the first maximum', async () => {
    const dy = float32([1, 1, 2, 2], [1, 10, 100, 1000]);
    const dx = await compute({ x: image, dy }, (b, value) => {
      const x = value('x');
      return b.op.maxPool2dGrad(x, b.op.maxPool2d(x, window), value('dy'), window);
    });
    expect(dx).toEqual([0, 11, 0, 0, 1000, 0, 100, 0, 0]);
  });

  it('prefers a NaN to any number', async () => {
    const x = float32([1, 1, 2, 2], [1, NaN, 3, NaN]);
    expect(await compute({ x }, (b, value) => b.op.maxPool2d(value('x'), window))).toEqual([NaN]);
  });

  it('gathers from the position of the first maximum', async () => {
    const g = float32([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const gathered = await compute({ x: image, g }, (b, value) => {
      const x = value('x');
      return b.op.maxPool2dGather(x, b.op.maxPool2d(x, window), value('g'), window);
    });
    expect(gathered).toEqual([2, 2, 7, 5]);
  });

  it('averages over the pixels, or over the whole window if padding counts', async () => {
    const attrs = { kernel: [2, 2], strides: [2, 2], pads: [1, 0, 0, 1] } as const;
    const means = async (countPadding: boolean): Promise<number[]> =>
      await compute({ x: image }, (b, value) => b.op.avgPool2d(value('x'), { ...attrs, countPadding }));
    expect(await means(false)).toEqual([3, 5, 3.75, 0.5]);
    expect(await means(true)).toEqual([1.5, 1.25, 3.75, 0.25]);
  });

  it('spreads the gradient of an average over its pixels', async () => {
    const dy = float32([1, 1, 2, 2], [4, 8, 12, 16]);
    const attrs = { kernel: [2, 2], strides: [2, 2], pads: [1, 0, 0, 1], inputShape: [1, 1, 3, 3] } as const;
    const spread = async (countPadding: boolean): Promise<number[]> =>
      await compute({ dy }, (b, value) => b.op.avgPool2dGrad(value('dy'), { ...attrs, countPadding }));
    expect(await spread(false)).toEqual([2, 2, 8, 3, 3, 8, 3, 3, 8]);
    expect(await spread(true)).toEqual([1, 1, 2, 3, 3, 4, 3, 3, 4]);
  });
});

describe('shapes', () => {
  const x = float32([2, 3], [1, 2, 3, 4, 5, 6]);

  it('broadcast repeats along axes of size 1', async () => {
    const row = float32([1, 3], [1, 2, 3]);
    const column = float32([2, 1, 1], [1, 2]);
    const wide = { shape: [2, 2, 2] };
    expect(await compute({ row }, (b, value) => b.op.broadcast(value('row'), { shape: [2, 3] }))).toEqual([
      1, 2, 3, 1, 2, 3,
    ]);
    expect(await compute({ column }, (b, value) => b.op.broadcast(value('column'), wide))).toEqual([
      1, 1, 1, 1, 2, 2, 2, 2,
    ]);
    expect(
      await compute({ one: scalar(7) }, (b, value) => b.op.broadcast(value('one'), { shape: [2] })),
    ).toEqual([7, 7]);
  });

  it('reductions keep the other axes', async () => {
    expect(await compute({ x }, (b, value) => b.op.reduceSum(value('x'), { axes: [0] }))).toEqual([5, 7, 9]);
    expect(await compute({ x }, (b, value) => b.op.reduceSum(value('x'), { axes: [] }))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    expect(await compute({ x }, (b, value) => b.op.reduceMax(value('x'), { axes: [1] }))).toEqual([3, 6]);
    expect(await compute({ x }, (b, value) => b.op.reduceMax(value('x'), { axes: [1, 0] }))).toEqual([6]);
  });

  it('oneHot leaves a row of zeros for a label out of range', async () => {
    const labels = int32([3], [1, -1, 2]);
    expect(await compute({ labels }, (b, value) => b.op.oneHot(value('labels'), { depth: 2 }))).toEqual([
      0, 1, 0, 0, 0, 0,
    ]);
  });
});

describe('rearrangements', () => {
  const x = float32([2, 3], [1, 2, 3, 4, 5, 6]);
  const cube = float32(
    [2, 2, 3],
    Array.from({ length: 12 }, (_, i) => i),
  );

  it('transpose moves axes', async () => {
    expect(await compute({ x }, (b, value) => b.op.transpose(value('x'), { permutation: [1, 0] }))).toEqual([
      1, 4, 2, 5, 3, 6,
    ]);
    // y[k, i, j] = x[i, j, k]
    const moved = await compute({ cube }, (b, value) =>
      b.op.transpose(value('cube'), { permutation: [2, 0, 1] }),
    );
    expect(moved).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
  });

  it('concat joins along an axis', async () => {
    const y = float32([2, 1], [7, 8]);
    expect(await compute({ x, y }, (b, value) => b.op.concat(value('x'), value('y'), { axis: 1 }))).toEqual([
      1, 2, 3, 7, 4, 5, 6, 8,
    ]);
    const row = float32([1, 3], [7, 8, 9]);
    expect(
      await compute({ x, row }, (b, value) => b.op.concat(value('row'), value('x'), { axis: 0 })),
    ).toEqual([7, 8, 9, 1, 2, 3, 4, 5, 6]);
  });

  it('slice returns a block, and pad places a block in a larger one', async () => {
    const starts = [1, 0, 1];
    expect(
      await compute({ cube }, (b, value) => b.op.slice(value('cube'), { starts, sizes: [1, 2, 2] })),
    ).toEqual([7, 8, 10, 11]);
    const attrs = { before: [1, 0], after: [0, 2], value: -1 };
    expect(await compute({ x }, (b, value) => b.op.pad(value('x'), attrs))).toEqual([
      -1, -1, -1, -1, -1, 1, 2, 3, -1, -1, 4, 5, 6, -1, -1,
    ]);
  });

  it('argMax returns the first of a tie, and prefers a NaN to any number', async () => {
    const rows = float32([4, 3], [1, 3, 3, -2, -1, -3, -Infinity, -Infinity, -Infinity, 5, NaN, NaN]);
    expect(await compute({ rows }, (b, value) => b.op.argMax(value('rows'), { axis: 1 }))).toEqual([
      1, 1, 0, 1,
    ]);
    expect(await compute({ x }, (b, value) => b.op.argMax(value('x'), { axis: 0 }))).toEqual([1, 1, 1]);
  });

  it('cast truncates towards 0, and converts bools to 0 and 1', async () => {
    const numbers = float32([4], [-1.75, -0.5, 0.5, 1.75]);
    expect(await compute({ numbers }, (b, value) => b.op.cast(value('numbers'), { to: 'int32' }))).toEqual([
      -1, 0, 0, 1,
    ]);
    const truths = bool([2], [true, false]);
    expect(await compute({ truths }, (b, value) => b.op.cast(value('truths'), { to: 'float32' }))).toEqual([
      1, 0,
    ]);
  });
});

describe('matMul', () => {
  const [m, k, n] = [3, 4, 2];
  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('matches its definition, transposed: %s, %s', async (transposeA, transposeB) => {
    const x = random(1, transposeA ? [k, m] : [m, k]);
    const y = random(2, transposeB ? [n, k] : [k, n]);
    const at = ({ shape, data }: Tensor, transposed: boolean, row: number, column: number): number =>
      data[transposed ? column * (shape[1] ?? 0) + row : row * (shape[1] ?? 0) + column] ?? NaN;
    const z = await compute({ x, y }, (b, value) =>
      b.op.matMul(value('x'), value('y'), { transposeA, transposeB }),
    );
    expect(z).toHaveLength(m * n);
    z.forEach((value, i) => {
      let sum = 0;
      for (let j = 0; j < k; j++)
        sum += at(x, transposeA, Math.floor(i / n), j) * at(y, transposeB, j, i % n);
      expect(value).toBeCloseTo(sum, 12);
    });
  });
});

describe('functions', () => {
  // Computed with 60 digits from the series of Abramowitz and Stegun, 7.1.6.
  it.each([
    [0, 0],
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [1.999, 0.9953015566513705],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [6, 1],
    [Infinity, 1],
  ])('erf(%f) = %f, and erf is odd', async (x, expected) => {
    const feeds = {
      x: { dtype: 'float64', shape: [2], data: Float64Array.of(x, -x) },
    } as const;
    const [plus = NaN, minus = NaN] = await compute(feeds, (b, value) => b.op.erf(value('x')));
    expect(Math.abs(plus - expected)).toBeLessThanOrEqual(1e-15 * expected);
    expect(plus + minus).toBe(0);
  });

  it('erf of NaN is NaN', async () => {
    expect(await compute({ x: scalar(NaN) }, (b, value) => b.op.erf(value('x')))).toEqual([NaN]);
  });

  it('equal compares by value: NaN equals nothing, and -0 equals 0', async () => {
    const x = float32([4], [1, NaN, -0, 2]);
    const y = float32([4], [1, NaN, 0, 3]);
    expect(await compute({ x, y }, (b, value) => b.op.equal(value('x'), value('y')))).toEqual([1, 0, 1, 0]);
  });

  it('min propagates NaN', async () => {
    const x = float32([3], [1, NaN, 2]);
    const y = float32([3], [0, 0, NaN]);
    expect(await compute({ x, y }, (b, value) => b.op.min(value('x'), value('y')))).toEqual([0, NaN, NaN]);
  });
});

describe('randomUniform', () => {
  it("draws core's random numbers, starting at the first sample", async () => {
    const feeds = { random: uint32([3], [0xfedcba98, 3, 5]) };
    const attrs = { shape: [2, 3], stream: 77 };
    const drawn = await compute(feeds, (b, value) => b.op.randomUniform(value('random'), attrs));
    expect(drawn).toEqual([...uniformBlock(0xfedcba98, 77, 3, 15, 6)]);
  });
});

describe('precision', () => {
  it('is float64: digits that float32 would round away are kept', async () => {
    const x = { dtype: 'float64', shape: [], data: Float64Array.of(1 + 2 ** -40) } as const;
    expect(await compute({ x, one: scalar(1) }, (b, value) => b.op.sub(value('x'), value('one')))).toEqual([
      2 ** -40,
    ]);
  });
});
