// Poolings: expected values come from ONNX's test data or are computed by hand.
import { float32 } from '@isonet/core';
import { readGraph } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import { int64Tensor, onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, gradientError, node, onnxModel, outputOf, run, scattered } from './model.ts';

const pool =
  (opType: string) =>
  async (attrs: Parameters<typeof node>[3], x = counting([1, 1, 4, 4])): Promise<readonly number[]> =>
    (await outputOf({ nodes: [node(opType, ['x'], ['y'], attrs)], opset: 22 }, x)).data;

describe('MaxPool', () => {
  const max = pool('MaxPool');

  it('adds a last window with ceil_mode, unless it starts in the padding', async () => {
    expect(await max({ kernel_shape: [3, 3], strides: [2, 2] })).toEqual([10]);
    expect(await max({ kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 })).toEqual([10, 11, 14, 15]);
    const x = counting([1, 1, 5]);
    expect(await max({ kernel_shape: [2], strides: [2], pads: [1, 1], ceil_mode: 1 }, x)).toEqual([0, 2, 4]);
  });

  it('supports dilations and padding that maxPool2d does not', async () => {
    // From ONNX's test_maxpool_2d_dilations.
    const x = float32(
      [1, 1, 4, 4],
      Float32Array.from({ length: 16 }, (_, i) => i + 1),
    );
    expect(await max({ kernel_shape: [2, 2], dilations: [2, 2] }, x)).toEqual([11, 12, 15, 16]);
    // Windows start at -2, 0 and 2, with taps at offsets 0 and 2. The pad is as large as the kernel.
    const line = float32([1, 1, 5], [5, 1, 4, 2, 3]);
    expect(await max({ kernel_shape: [2], dilations: [2], strides: [2], pads: [2, 1] }, line)).toEqual([
      5, 5, 4,
    ]);
    expect(
      await gradientError(
        {
          nodes: [
            node('MaxPool', ['x'], ['y'], {
              kernel_shape: [2, 3],
              dilations: [3, 2],
              strides: [1, 2],
              pads: [1, 2, 2, 1],
            }),
          ],
        },
        scattered([1, 2, 5, 6]),
      ),
    ).toBeLessThan(1e-4);
  });

  it('returns the indices of the maxima', async () => {
    // From ONNX's test_maxpool_with_argmax_2d_precomputed_strides and _pads.
    const x = float32(
      [1, 1, 5, 5],
      Float32Array.from({ length: 25 }, (_, i) => i + 1),
    );
    const pooled = async (attrs: Parameters<typeof node>[3]) => {
      const nodes = [node('MaxPool', ['x'], ['y', 'places'], attrs)];
      const { y, places } = await run(
        onnxModel({ nodes, inputs: { x: x.shape }, outputs: ['y', 'places'] }),
        { x },
      );
      return [y?.data, places?.data];
    };
    expect(await pooled({ kernel_shape: [2, 2], strides: [2, 2], storage_order: 1 })).toEqual([
      [7, 9, 17, 19],
      [6, 16, 8, 18],
    ]);
    const [, rows] = await pooled({ kernel_shape: [5, 5], pads: [2, 2, 2, 2] });
    expect(rows?.slice(0, 5)).toEqual([12, 13, 14, 14, 14]);
  });

  it('supports the gradient as exported: sums at the indices', async () => {
    // Windows overlap, and most share their maximum with another one.
    const attrs = { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] };
    const places = int64Tensor('flat', [-1]);
    const nodes = [
      node('MaxPool', ['x'], ['y', 'places'], attrs),
      node('Reshape', ['places', 'flat'], ['indices']),
      node('Reshape', ['dy', 'flat'], ['updates']),
      node('ScatterElements', ['zeros', 'indices', 'updates'], ['sums'], { axis: 0, reduction: 'add' }),
    ];
    const zeros = onnxTensor('zeros', float32([9], new Float32Array(9)));
    const model = { nodes, initializers: [places, zeros], inputs: { x: [1, 1, 3, 3], dy: [1, 1, 3, 3] } };
    const x = float32([1, 1, 3, 3], [9, 0, 0, 0, 5, 0, 0, 0, 8]);
    const { sums } = await run(onnxModel({ ...model, outputs: ['sums'] }), { x, dy: counting([1, 1, 3, 3]) });
    // 9 is the maximum of windows 0, 1, 3 and 4; 5 of windows 2 and 6; and 8 of windows 5, 7 and 8.
    expect(sums?.data).toEqual([8, 0, 0, 0, 8, 0, 0, 0, 20]);
    const refused = (others: typeof nodes): (() => unknown) => {
      return () => readGraph(onnxModel({ ...model, nodes: others, outputs: ['sums'] }));
    };
    const reason = 'supported only as a sum at the indices of a MaxPool, along one axis of all pixels';
    const scatter = (indices: string, own = {}) =>
      node('ScatterElements', ['zeros', indices, 'updates'], ['sums'], own);
    expect(refused([...nodes.slice(0, 3), scatter('indices')])).toThrow(reason);
    expect(refused([...nodes.slice(0, 3), scatter('updates', { reduction: 'add' })])).toThrow(reason);
  });

  it('refuses windows without a pixel, and indices of dilated windows', () => {
    const bytes = onnxModel({
      nodes: [
        node('MaxPool', ['x'], ['a'], { kernel_shape: [2, 2], pads: [2, 0, 0, 0] }),
        node('MaxPool', ['x'], ['b', 'c'], { kernel_shape: [2, 2], dilations: [2, 2] }),
        node('MaxPool', ['x'], ['d'], { kernel_shape: [2, 3], dilations: [1, 2] }),
      ],
      inputs: { x: [1, 1, 4, 4] },
      outputs: ['a', 'b', 'c', 'd'],
    });
    expect(() => readGraph(bytes)).toThrow(
      'MaxPool (operator set 17): a window lies entirely in the padding, so it has no maximum or mean ("a"); ' +
        'MaxPool (operator set 17): output 1 ("c") is not supported ("b"); ' +
        'MaxPool (operator set 17): expected padded images no smaller than the window of 2x5 pixels, got [1, 1, 4, 4] ("d")',
    );
  });
});

describe('AveragePool', () => {
  const mean = pool('AveragePool');

  it('divides by the number of pixels in the image, optionally including padding', async () => {
    const x = float32([1, 1, 3], [2, 4, 6]);
    expect(await mean({ kernel_shape: [2], pads: [1, 1] }, x)).toEqual([2, 3, 5, 6]);
    expect(await mean({ kernel_shape: [2], pads: [1, 1], count_include_pad: 1 }, x)).toEqual([1, 3, 5, 3]);
    const same = { kernel_shape: [2], auto_pad: 'SAME_LOWER', count_include_pad: 1 };
    expect(await mean(same, x)).toEqual([1, 3, 5]);
  });

  it('never counts pixels that ceil_mode adds beyond the padding', async () => {
    // Two windows: the padding, 2 and 4; then 6, 9 and one pixel beyond the image.
    const x = float32([1, 1, 4], [2, 4, 6, 9]);
    const attrs = { kernel_shape: [3], strides: [3], ceil_mode: 1 };
    expect(await mean({ ...attrs, pads: [1, 0] }, x)).toEqual([3, 7.5]);
    expect(await mean({ ...attrs, pads: [1, 0], count_include_pad: 1 }, x)).toEqual([2, 7.5]);
    expect(await mean({ ...attrs, pads: [1, 1], count_include_pad: 1 }, x)).toEqual([2, 5]);
  });

  it('supports dilations, with gradients', async () => {
    // From ONNX's test_averagepool_2d_dilations.
    const x = float32(
      [1, 1, 4, 4],
      Float32Array.from({ length: 16 }, (_, i) => i + 1),
    );
    const attrs = { kernel_shape: [2, 2], dilations: [2, 2], ceil_mode: 1 };
    expect(await mean(attrs, x)).toEqual([6, 7, 10, 11]);
    const nodes = [node('AveragePool', ['x'], ['y'], { ...attrs, pads: [2, 0, 1, 1], strides: [2, 2] })];
    expect(await gradientError({ nodes, opset: 19 }, scattered([1, 2, 5, 4]))).toBeLessThan(1e-4);
  });
});

it('GlobalAveragePool, GlobalMaxPool and GlobalLpPool accept images with any number of axes', async () => {
  const x = counting([1, 2, 2, 1, 2]);
  expect(await pool('GlobalAveragePool')({}, x)).toEqual([1.5, 5.5]);
  expect(await pool('GlobalMaxPool')({}, counting([1, 2, 3]))).toEqual([2, 5]);
  expect(await pool('GlobalLpPool')({ p: 1 }, x)).toEqual([6, 22]);
});

it('LpPool returns the norm of each window', async () => {
  const x = float32([1, 1, 4], [3, -4, 0, 5]);
  expect(await pool('LpPool')({ kernel_shape: [2], strides: [2] }, x)).toEqual([5, 5]);
  expect(await pool('LpPool')({ kernel_shape: [2], p: 1 }, x)).toEqual([7, 4, 5]);
});
