// What composites decompose into, against their formulas in plain loops: the other backends are compared with these
// decompositions, so nothing else would show that one of them is another function.
import type { Shape, TensorOf, Tensors, Value } from '@isonet/core';
import { float32, GraphBuilder, sizeOf, uniformBlock } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { reference } from '@isonet/backend-reference';

/** The values of everything that `build` makes of the feeds. */
async function compute(
  feeds: Tensors,
  build: (b: GraphBuilder, x: (name: string) => Value) => Value | readonly Value[],
): Promise<number[][]> {
  const b = new GraphBuilder('test');
  const values = new Map(
    Object.entries(feeds).map(([name, { shape }]) => [name, b.input(name, { dtype: 'float32', shape })]),
  );
  const built = build(b, (name) => values.get(name) ?? b.scalar(NaN));
  const results = 'id' in built ? [built] : built;
  results.forEach((value, i) => b.output(String(i), value));
  await using device = await reference.open();
  const program = await device.compile(b.build());
  const outputs = await program.run(await device.createState({}), feeds).read();
  return results.map((_, i) => Array.from<number>(outputs[String(i)]?.data ?? []));
}

function random(seed: number, shape: Shape, low = -1, high = 1): TensorOf<'float32'> {
  return float32(
    shape,
    uniformBlock(seed, 0, 0, 0, sizeOf(shape)).map((u) => low + u * (high - low)),
  );
}

/** Numbers within 5e-7 of these: the graphs' constants are float32. */
function close(values: readonly number[]): unknown[] {
  return values.map((value) => expect.closeTo(value, 6) as unknown);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('functions of one number', () => {
  const xs = [-30, -4, -2.5, -1, -0.25, 0, 0.25, 1, 2.5, 4, 30];
  const x = float32([xs.length], xs);

  it.each<[string, (b: GraphBuilder, x: Value) => Value, (x: number) => number]>([
    ['relu', (b, v) => b.op.relu(v), (v) => Math.max(v, 0)],
    ['leakyRelu', (b, v) => b.op.leakyRelu(v, { alpha: -0.5 }), (v) => (v > 0 ? v : -0.5 * v)],
    ['sigmoid', (b, v) => b.op.sigmoid(v), (v) => 1 / (1 + Math.exp(-v))],
    [
      'hardSigmoid',
      (b, v) => b.op.hardSigmoid(v, { alpha: 0.2, beta: 0.5 }),
      (v) => Math.min(1, Math.max(0, 0.2 * v + 0.5)),
    ],
    ['clip', (b, v) => b.op.clip(v, { low: -2, high: 3 }), (v) => Math.min(3, Math.max(-2, v))],
  ])('%s', async (_, build, formula) => {
    expect(await compute({ x }, (b, value) => build(b, value('x')))).toEqual([close(xs.map(formula))]);
  });
});

describe('softmax and logSoftmax', () => {
  it.each([0, 1])('along axis %i', async (axis) => {
    const x = random(1, [3, 4], -5, 5);
    const [softmax = [], logSoftmax = []] = await compute({ x }, (b, value) => [
      b.op.softmax(value('x'), { axis }),
      b.op.logSoftmax(value('x'), { axis }),
    ]);
    const expected = Array.from(x.data, (value, i) => {
      const group = Array.from(x.data).filter((_, j) =>
        axis === 1 ? Math.floor(j / 4) === Math.floor(i / 4) : j % 4 === i % 4,
      );
      return Math.exp(value) / sum(group.map(Math.exp));
    });
    expect(softmax).toEqual(close(expected));
    expect(logSoftmax).toEqual(close(expected.map(Math.log)));
  });
});

describe('ops with one number per channel', () => {
  const [n, c, pixels] = [3, 2, 5];
  const x = random(2, [n, c, pixels]);
  const [scale, bias] = [random(3, [c], 0.5, 2), random(4, [c])];
  const channelOf = (i: number): number => Math.floor(i / pixels) % c;
  const at = (vector: ArrayLike<number>, i: number): number => vector[channelOf(i)] ?? NaN;

  it('biasAdd and prelu', async () => {
    const [biased, bent] = await compute({ x, bias }, (b, value) => [
      b.op.biasAdd(value('x'), value('bias')),
      b.op.prelu(value('x'), value('bias')),
    ]);
    expect(biased).toEqual(close(Array.from(x.data, (value, i) => value + at(bias.data, i))));
    expect(bent).toEqual(
      close(Array.from(x.data, (value, i) => (value > 0 ? value : value * at(bias.data, i)))),
    );
  });

  it('batchNorm and batchNormInference', async () => {
    const channels = [0, 1].map((channel) => Array.from(x.data).filter((_, i) => channelOf(i) === channel));
    const means = channels.map((values) => sum(values) / values.length);
    const variances = channels.map(
      (values, k) => sum(values.map((value) => (value - (means[k] ?? NaN)) ** 2)) / values.length,
    );
    const normal = Array.from(x.data, (value, i) => {
      const h = (value - at(means, i)) / Math.sqrt(at(variances, i) + 0.125);
      return at(scale.data, i) * h + at(bias.data, i);
    });
    const feeds = { x, scale, bias, mean: float32([c], means), variance: float32([c], variances) };
    const [y, mean, variance, known] = await compute(feeds, (b, value) => {
      const [input, s, t] = [value('x'), value('scale'), value('bias')];
      return [
        ...b.op.batchNorm(input, s, t, { epsilon: 0.125 }),
        b.op.batchNormInference(input, s, t, value('mean'), value('variance'), { epsilon: 0.125 }),
      ];
    });
    expect(y).toEqual(close(normal));
    expect(mean).toEqual(close(means));
    expect(variance).toEqual(close(variances));
    expect(known).toEqual(close(normal));
  });
});

describe('lrn', () => {
  // Krizhevsky et al. 2012, section 3.3, with ONNX's window: floor((size - 1) / 2) down, ceil((size - 1) / 2) up.
  it.each([
    [1, 0, 0],
    [3, 1, 1],
    [4, 1, 2],
    [5, 2, 2],
  ])('size %i reaches %i channels down and %i up', async (size, down, up) => {
    const channels = 6;
    const x = random(5, [2, channels, 1, 2], -2, 2);
    const expected = Array.from(x.data, (value, i) => {
      const channel = Math.floor(i / 2) % channels;
      const window = Array.from({ length: down + up + 1 }, (_, j) => j - down).filter(
        (j) => channel + j >= 0 && channel + j < channels,
      );
      const squares = sum(window.map((j) => (x.data[i + 2 * j] ?? NaN) ** 2));
      return value / (2 + (0.5 / size) * squares) ** 0.75;
    });
    const attrs = { size, alpha: 0.5, beta: 0.75, bias: 2 };
    expect(await compute({ x }, (b, value) => b.op.lrn(value('x'), attrs))).toEqual([close(expected)]);
  });
});

describe('dense and globalNorm', () => {
  const x = random(6, [2, 3]);
  const w = random(7, [4, 3]);
  const bias = random(8, [4]);

  it('dense is x times w transposed, plus bias', async () => {
    const expected = Array.from({ length: 8 }, (_, i) => {
      const [row, unit] = [Math.floor(i / 4), i % 4];
      const products = [0, 1, 2].map((k) => (x.data[row * 3 + k] ?? NaN) * (w.data[unit * 3 + k] ?? NaN));
      return sum(products) + (bias.data[unit] ?? NaN);
    });
    const y = await compute({ x, w, bias }, (b, value) => b.op.dense(value('x'), value('w'), value('bias')));
    expect(y).toEqual([close(expected)]);
  });

  it('globalNorm is the norm of all values together', async () => {
    const norm = await compute({ x, w }, (b, value) => b.op.globalNorm(value('x'), value('w')));
    expect(norm).toEqual([close([Math.hypot(...x.data, ...w.data)])]);
  });
});
