// Tests layers that are built from other ops against plain loops over their definitions.
import type { ConvTranspose2dOptions, Layer, Shape, Tensor } from '@isonet/core';
import {
  convTranspose2d,
  depthwiseConv2d,
  float32,
  GraphBuilder,
  groupNorm,
  layerNorm,
  Scope,
  separableConv2d,
  shape4,
  sizeOf,
  streamKey,
  uniformBlock,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { reference } from '../src/index.ts';

function random(name: string, shape: Shape): Tensor {
  return float32(
    shape,
    uniformBlock(1, streamKey(name), 0, 0, sizeOf(shape)).map((u) => u - 0.5),
  );
}

interface Computed {
  readonly shape: Shape;
  readonly values: readonly number[];
  readonly parameters: Readonly<Record<string, Tensor>>;
}

/** Computes a layer's result on x, with random parameters. */
async function computed(layer: Layer, x: Tensor): Promise<Computed> {
  const b = new GraphBuilder('test');
  const scope = Scope.root(b, { training: false });
  b.output('y', layer(scope, b.input('x', { dtype: 'float32', shape: x.shape })));
  const entries = scope.parameters.map(({ name, shape }) => [name, random(name, shape)] as const);
  const parameters = Object.fromEntries(entries);
  await using device = await reference.open();
  await using state = await device.createState(parameters);
  await using program = await device.compile(b.build());
  const { y } = await program.run(state, { x }).read();
  return { shape: y?.shape ?? [], values: Array.from<number>(y?.data ?? []), parameters };
}

/** Returns the largest absolute difference. */
function distance(values: readonly number[], expected: readonly number[]): number {
  if (values.length !== expected.length) return Infinity;
  return Math.max(...values.map((value, i) => Math.abs(value - (expected[i] ?? NaN))));
}

/**
 * Computes a transposed convolution: adds each pixel times the filter at the pixel's place in an image that the padding then
 * crops. y[n, k, i * stride + p * dilation - top, ...] += x[n, c, i, j] * w[c, k, p, q] for every c of k's group.
 * @param w `[C, channels / groups, KH, KW]`
 */
function transposedConvolution(
  x: Tensor,
  w: Tensor,
  [n, channels, height, width]: readonly [number, number, number, number],
  { stride = 1, dilation = 1, groups = 1 }: { stride?: number; dilation?: number; groups?: number },
  [top, left]: readonly [number, number],
): number[] {
  const [, inChannels, h, wide] = shape4(x.shape);
  const [, perGroup, kh, kw] = shape4(w.shape);
  const y = new Array<number>(n * channels * height * width).fill(0);
  for (let image = 0; image < n; image++)
    for (let c = 0; c < inChannels; c++)
      for (let k = 0; k < perGroup; k++)
        for (let i = 0; i < h; i++)
          for (let j = 0; j < wide; j++)
            for (let p = 0; p < kh; p++)
              for (let q = 0; q < kw; q++) {
                const [row, column] = [i * stride + p * dilation - top, j * stride + q * dilation - left];
                if (row < 0 || column < 0 || row >= height || column >= width) continue;
                const out = Math.floor(c / (inChannels / groups)) * perGroup + k;
                const at = ((image * channels + out) * height + row) * width + column;
                const pixel = x.data[((image * inChannels + c) * h + i) * wide + j] ?? NaN;
                y[at] = (y[at] ?? NaN) + pixel * (w.data[((c * perGroup + k) * kh + p) * kw + q] ?? NaN);
              }
  return y;
}

describe('convTranspose2d', () => {
  const x = random('x', [2, 4, 3, 5]);

  it.each<[string, ConvTranspose2dOptions & { stride?: number; dilation?: number }, Shape, [number, number]]>(
    [
      ['plain', { kernel: 3 }, [5, 7], [0, 0]],
      ['stride 2', { kernel: 3, stride: 2, padding: 1, outputPadding: 1 }, [6, 10], [1, 1]],
      ['a kernel smaller than the stride', { kernel: 2, stride: 3 }, [8, 14], [0, 0]],
      ['one pixel', { kernel: 1, stride: 2, outputPadding: 1 }, [6, 10], [0, 0]],
      ['dilated', { kernel: [2, 3], dilation: 2, padding: [0, 1] }, [5, 7], [0, 1]],
      ['groups', { kernel: 3, stride: 2, groups: 2, padding: [0, 1, 1, 2] }, [6, 8], [0, 1]],
      ['same', { kernel: 4, stride: 3, padding: 'same' }, [9, 15], [0, 0]],
      ['same with gaps', { kernel: 1, stride: 2, padding: 'same' }, [6, 10], [0, 0]],
      ['same, dilated', { kernel: 3, stride: 2, dilation: 2, padding: 'same' }, [6, 10], [1, 1]],
    ],
  )('matches its definition: %s', async (_, options, [height = 0, width = 0], cut) => {
    const { shape, values, parameters } = await computed(convTranspose2d(6, { ...options, bias: false }), x);
    expect(shape).toEqual([2, 6, height, width]);
    const { w } = parameters;
    if (!w) throw new Error('the weight is missing');
    const expected = transposedConvolution(x, w, [2, 6, height, width], options, cut);
    expect(distance(values, expected)).toBeLessThan(1e-12);
  });

  it('adds the bias to every pixel', async () => {
    const { values, parameters } = await computed(convTranspose2d(2, { kernel: 2 }), x);
    const { w, b } = parameters;
    if (!w || !b) throw new Error('the weight or the bias is missing');
    const expected = transposedConvolution(x, w, [2, 2, 4, 6], {}, [0, 0]).map(
      (value, i) => value + (b.data[Math.floor(i / 24) % 2] ?? NaN),
    );
    expect(distance(values, expected)).toBeLessThan(1e-12);
  });
});

describe('depthwise and separable convolutions', () => {
  const x = random('x', [2, 3, 4, 4]);

  it('place the results of one channel next to each other', async () => {
    const layer = depthwiseConv2d({ kernel: 1, multiplier: 2, bias: false });
    const { values, parameters } = await computed(layer, x);
    const expected = Array.from({ length: 2 * 6 * 16 }, (_, i) => {
      const [n, channel, pixel] = [Math.floor(i / 96), Math.floor(i / 16) % 6, i % 16];
      const factor = parameters['w']?.data[channel] ?? NaN;
      return factor * (x.data[(n * 3 + Math.floor(channel / 2)) * 16 + pixel] ?? NaN);
    });
    expect(distance(values, expected)).toBeLessThan(1e-12);
  });

  it('mix the channels in the second step', async () => {
    const layer = separableConv2d(2, { kernel: 1, bias: false });
    const { values, parameters } = await computed(layer, x);
    const [first, second] = [parameters['depthwise.w'], parameters['pointwise.w']];
    const expected = Array.from({ length: 2 * 2 * 16 }, (_, i) => {
      const [n, k, pixel] = [Math.floor(i / 32), Math.floor(i / 16) % 2, i % 16];
      const terms = [0, 1, 2].map((c) => {
        const weight = (first?.data[c] ?? NaN) * (second?.data[k * 3 + c] ?? NaN);
        return weight * (x.data[(n * 3 + c) * 16 + pixel] ?? NaN);
      });
      return terms.reduce((sum, term) => sum + term, 0);
    });
    expect(distance(values, expected)).toBeLessThan(1e-12);
  });
});

describe('normalization within a sample', () => {
  /** Normalizes each run of `size` elements: (value - mean) / sqrt(variance + epsilon). */
  function standardized({ data }: Tensor, size: number, epsilon: number): number[] {
    return Array.from(data, (value, i) => {
      const from = Math.floor(i / size) * size;
      const run = Array.from<number>(data.slice(from, from + size));
      const mean = run.reduce((sum, each) => sum + each, 0) / size;
      const variance = run.reduce((sum, each) => sum + (each - mean) ** 2, 0) / size;
      return (value - mean) / Math.sqrt(variance + epsilon);
    });
  }
  const epsilon = Math.fround(1e-5);
  const x = random('x', [3, 4, 2, 5]);

  it.each([1, 2, 4])('groupNorm matches its definition, %i groups', async (groups) => {
    const { values, parameters } = await computed(groupNorm(groups), x);
    const { scale, b } = parameters;
    const expected = standardized(x, 40 / groups, epsilon).map((value, i) => {
      const channel = Math.floor(i / 10) % 4;
      return value * (scale?.data[channel] ?? NaN) + (b?.data[channel] ?? NaN);
    });
    expect(distance(values, expected)).toBeLessThan(1e-12);
  });

  it.each<[Shape]>([[[3, 4, 2, 5]], [[3, 40]]])('layerNorm of %j matches its definition', async (shape) => {
    const { values, parameters } = await computed(layerNorm(), random('x', shape));
    const { scale, b } = parameters;
    const expected = standardized(x, 40, epsilon).map(
      (value, i) => value * (scale?.data[i % 40] ?? NaN) + (b?.data[i % 40] ?? NaN),
    );
    expect(distance(values, expected)).toBeLessThan(1e-12);
  });
});
