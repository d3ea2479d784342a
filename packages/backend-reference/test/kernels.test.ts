// The loops against something that is not made of them: the definition of a convolution as a sum over everything, the
// identity that ties its gradients to it, and numbers worked out by hand.
import type { Conv2dAttrs, Shape, Tensor, Tensors, Value } from '@isonet/core';
import {
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

/** The values of what `build` makes of the feeds. */
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

/** conv2d as core's ops/conv2d.ts defines it, one output at a time; `at` says 0 outside of x. */
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
  it.each(geometries)('%s: conv2d is its definition', async (_, xShape, wShape, attrs) => {
    const [x, w] = [random(1, xShape), random(2, wShape)];
    const y = await compute({ x, w }, (b, value) => b.op.conv2d(value('x'), value('w'), attrs));
    const expected = definition(x, w, attrs);
    expect(y.length).toBe(expected.length);
    y.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12));
  });

  // <conv2d(x, w), dy> = <x, conv2dGradInput(dy, w)> = <w, conv2dGradFilter(x, dy)>: what a gradient of a bilinear map is.
  it.each(geometries)('%s: both gradients are adjoint to it', async (_, xShape, wShape, attrs) => {
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

  it('takes the maximum of each window', async () => {
    expect(await compute({ x: image }, (b, value) => b.op.maxPool2d(value('x'), window))).toEqual([
      5, 5, 7, 5,
    ]);
  });

  it('never takes the padding', async () => {
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

  it('takes a NaN before any number', async () => {
    const x = float32([1, 1, 2, 2], [1, NaN, 3, NaN]);
    expect(await compute({ x }, (b, value) => b.op.maxPool2d(value('x'), window))).toEqual([NaN]);
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

  it('reductions keep what they do not reduce', async () => {
    expect(await compute({ x }, (b, value) => b.op.reduceSum(value('x'), { axes: [0] }))).toEqual([5, 7, 9]);
    expect(await compute({ x }, (b, value) => b.op.reduceSum(value('x'), { axes: [] }))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    expect(await compute({ x }, (b, value) => b.op.reduceMax(value('x'), { axes: [1] }))).toEqual([3, 6]);
    expect(await compute({ x }, (b, value) => b.op.reduceMax(value('x'), { axes: [1, 0] }))).toEqual([6]);
  });

  it('oneHot leaves a row of zeros for what is no class', async () => {
    const labels = int32([3], [1, -1, 2]);
    expect(await compute({ labels }, (b, value) => b.op.oneHot(value('labels'), { depth: 2 }))).toEqual([
      0, 1, 0, 0, 0, 0,
    ]);
  });
});

describe('randomUniform', () => {
  it("draws core's numbers, counted from the first sample", async () => {
    const feeds = { random: uint32([3], [0xfedcba98, 3, 5]) };
    const attrs = { shape: [2, 3], stream: 77 };
    const drawn = await compute(feeds, (b, value) => b.op.randomUniform(value('random'), attrs));
    expect(drawn).toEqual([...uniformBlock(0xfedcba98, 77, 3, 15, 6)]);
  });
});

describe('precision', () => {
  it('is float64: what float32 would round away stays', async () => {
    const x = { dtype: 'float64', shape: [], data: Float64Array.of(1 + 2 ** -40) } as const;
    expect(await compute({ x, one: scalar(1) }, (b, value) => b.op.sub(value('x'), value('one')))).toEqual([
      2 ** -40,
    ]);
  });
});
