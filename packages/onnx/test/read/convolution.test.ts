// Conv and ConvTranspose: expected values come from ONNX's test data (the examples in its Operators.md) or are computed by hand.
import { float32 } from '@isonet/core';
import { readGraph } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import { onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, gradientError, node, onnxModel, outputOf, scattered } from './model.ts';

const ones = (...shape: readonly number[]): ReturnType<typeof onnxTensor> =>
  onnxTensor('w', float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1)));

describe('Conv', () => {
  const conv = (attrs: Parameters<typeof node>[3]) => [node('Conv', ['x', 'w'], ['y'], attrs)];

  it('pads asymmetrically', async () => {
    // From ONNX's test_conv_with_strides_and_asymmetric_padding.
    const y = await outputOf(
      {
        nodes: conv({ kernel_shape: [3, 3], pads: [1, 0, 1, 0], strides: [2, 2] }),
        initializers: [ones(1, 1, 3, 3)],
      },
      counting([1, 1, 7, 5]),
    );
    expect(y).toEqual({ shape: [1, 1, 4, 2], data: [21, 33, 99, 117, 189, 207, 171, 183] });
  });

  it('puts the odd padding of auto_pad at the end or at the start', async () => {
    const line = (auto_pad: string) =>
      outputOf({ nodes: conv({ auto_pad }), initializers: [ones(1, 1, 2)] }, counting([1, 1, 4]));
    expect((await line('SAME_UPPER')).data).toEqual([1, 3, 5, 3]);
    expect((await line('SAME_LOWER')).data).toEqual([0, 1, 3, 5]);
    expect((await line('VALID')).data).toEqual([1, 3, 5]);
  });

  it('supports groups, dilations and a bias', async () => {
    const y = await outputOf(
      {
        nodes: [node('Conv', ['x', 'w', 'b'], ['y'], { dilations: [1, 2], group: 2 })],
        initializers: [ones(2, 1, 1, 2), onnxTensor('b', float32([2], [100, 200]))],
      },
      counting([1, 2, 1, 4]),
    );
    expect(y).toEqual({ shape: [1, 2, 1, 2], data: [102, 104, 210, 212] });
  });

  it('over one axis is learned in the shape that the file stores', async () => {
    const model = {
      nodes: conv({ pads: [2, 0], strides: [2] }),
      initializers: [onnxTensor('w', scattered([2, 3, 3]))],
    };
    const bytes = onnxModel({ ...model, inputs: { x: [2, 3, 5] }, outputs: ['y'] });
    expect(readGraph(bytes).values['w']?.shape).toEqual([2, 3, 3]);
    expect(await gradientError(model, scattered([2, 3, 5], 1))).toBeLessThan(1e-4);
  });

  it('is refused over three axes, with negative pads, or with a wrong kernel_shape, all in one error', () => {
    const bytes = onnxModel({
      nodes: [
        node('Conv', ['x', 'w3'], ['a']),
        node('Conv', ['z', 'w'], ['b'], { pads: [-1, 0, 0, 0] }),
        node('Conv', ['z', 'w'], ['c'], { kernel_shape: [3, 2] }),
      ],
      initializers: [ones(1, 1, 3, 3), { ...ones(1, 1, 1, 1, 1), name: 'w3' }],
      inputs: { x: [1, 1, 2, 2, 2], z: [1, 1, 4, 4] },
      outputs: ['a', 'b', 'c'],
    });
    expect(() => readGraph(bytes)).toThrow(
      '3 nodes of the ONNX file cannot be read: ' +
        'Conv (operator set 17): expected images [N, C, L] or [N, C, H, W], got [1, 1, 2, 2, 2] ("a"); ' +
        'Conv (operator set 17): expected pads of at least 0, got -1, 0, 0, 0 ("b"); ' +
        'Conv (operator set 17): expected kernel_shape 3x3, the size of the filter, got 3x2 ("c")',
    );
  });
});

describe('ConvTranspose', () => {
  const transposed = (attrs: Parameters<typeof node>[3]) => [node('ConvTranspose', ['x', 'w'], ['y'], attrs)];
  const line = async (attrs: Parameters<typeof node>[3]) =>
    (
      await outputOf(
        { nodes: transposed(attrs), initializers: [ones(1, 1, 3)] },
        float32([1, 1, 3], [1, 2, 4]),
      )
    ).data;

  it('adds overlapping pixels', async () => {
    // The first channel of ONNX's test_convtranspose.
    const y = await outputOf(
      { nodes: transposed({}), initializers: [ones(1, 1, 3, 3)] },
      counting([1, 1, 3, 3]),
    );
    expect(y.data.slice(0, 15)).toEqual([0, 1, 3, 3, 2, 3, 8, 15, 12, 7, 9, 21, 36, 27, 15]);
  });

  it('crops by pads, and adds output_padding at the end', async () => {
    expect(await line({ strides: [2] })).toEqual([1, 1, 3, 2, 6, 4, 4]);
    expect(await line({ strides: [2], pads: [1, 0] })).toEqual([1, 3, 2, 6, 4, 4]);
    expect(await line({ strides: [2], pads: [0, 2] })).toEqual([1, 1, 3, 2, 6]);
    // output_padding restores one pixel that pads crop at the end. Pixels beyond the windows are zeros.
    expect(await line({ strides: [2], pads: [0, 2], output_padding: [1] })).toEqual([1, 1, 3, 2, 6, 4]);
    expect(await line({ strides: [1], pads: [0, 2], output_padding: [1] })).toEqual([1, 3, 7, 6]);
    expect(await line({ strides: [2], output_padding: [1] })).toEqual([1, 1, 3, 2, 6, 4, 4, 0]);
    expect(await line({ strides: [1], output_padding: [2] })).toEqual([1, 3, 7, 6, 4, 0, 0]);
  });

  it('matches the size of output_shape or auto_pad', async () => {
    // The odd surplus pixel is cropped at the start, or at the end with SAME_UPPER.
    expect(await line({ strides: [2], output_shape: [6] })).toEqual([1, 3, 2, 6, 4, 4]);
    expect(await line({ strides: [2], output_shape: [9] })).toEqual([1, 1, 3, 2, 6, 4, 4, 0, 0]);
    expect(await line({ strides: [2], auto_pad: 'SAME_UPPER' })).toEqual([1, 1, 3, 2, 6, 4]);
    expect(await line({ strides: [2], auto_pad: 'SAME_LOWER' })).toEqual([1, 3, 2, 6, 4, 4]);
  });

  it('has gradients', async () => {
    expect(
      await gradientError(
        {
          nodes: transposed({
            strides: [2, 1],
            pads: [1, 0, 0, 1],
            output_padding: [0, 2],
            group: 2,
            dilations: [1, 2],
          }),
          initializers: [onnxTensor('w', scattered([2, 2, 2, 2]))],
        },
        scattered([1, 2, 3, 3], 1),
      ),
    ).toBeLessThan(1e-4);
  });
});
