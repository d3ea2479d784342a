// Resize and Upsample. Cubic and antialiased values come from onnx.reference 1.23; the others are computed by hand.
import { float32 } from '@isonet/core';
import type { Tensor } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { int64Tensor, onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, gradientError, node, outputOf, scattered } from './model.ts';

type Attrs = Parameters<typeof node>[3];

/** Returns 1, 2, 3 ... in `[1, 1, h, w]`. */
const image = (h: number, w: number): Tensor =>
  float32(
    [1, 1, h, w],
    Float32Array.from({ length: h * w }, (_, i) => i + 1),
  );

function byScales(scales: readonly number[], attrs: Attrs, opset = 17): Parameters<typeof outputOf>[0] {
  const initializers = [onnxTensor('scales', float32([scales.length], scales))];
  return {
    nodes: [node('Resize', opset < 11 ? ['x', 'scales'] : ['x', '', 'scales'], ['y'], attrs)],
    initializers,
    opset,
  };
}

function bySizes(sizes: readonly number[], attrs: Attrs, opset = 17): Parameters<typeof outputOf>[0] {
  const initializers = [int64Tensor('sizes', sizes)];
  return { nodes: [node('Resize', ['x', '', '', 'sizes'], ['y'], attrs)], initializers, opset };
}

describe('nearest', () => {
  it('repeats pixels by integer factors', async () => {
    const { shape, data } = await outputOf(byScales([1, 1, 2, 3], { mode: 'nearest' }), image(2, 2));
    expect(shape).toEqual([1, 1, 4, 6]);
    expect(data.slice(0, 12)).toEqual([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]);
  });

  it('shrinks, and rounds up before operator set 11', async () => {
    const scales = [1, 1, 0.6, 0.6];
    expect((await outputOf(byScales(scales, { mode: 'nearest' }), image(2, 4))).data).toEqual([1, 3]);
    expect((await outputOf(byScales(scales, { mode: 'nearest' }, 10), image(2, 4))).data).toEqual([1, 3]);
  });

  it.each([
    ['half_pixel', 'round_prefer_floor', [1, 1, 2, 2, 3, 4, 4]],
    ['half_pixel', 'ceil', [1, 2, 2, 3, 4, 4, 4]],
    ['align_corners', 'floor', [1, 1, 2, 2, 3, 3, 4]],
    ['align_corners', 'round_prefer_ceil', [1, 2, 2, 3, 3, 4, 4]],
    ['asymmetric', 'floor', [1, 1, 2, 2, 3, 3, 4]],
    ['tf_half_pixel_for_nn', 'floor', [1, 1, 2, 3, 3, 4, 4]],
  ])('%s, %s', async (mode, nearest, expected) => {
    const model = bySizes([1, 1, 1, 7], { coordinate_transformation_mode: mode, nearest_mode: nearest });
    expect((await outputOf(model, image(1, 4))).data).toEqual(expected);
    expect(await gradientError(model, scattered([1, 1, 1, 4]))).toBeLessThan(1e-3);
  });

  it('keeps the aspect ratio if requested', async () => {
    const attrs = { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' };
    expect((await outputOf(bySizes([4, 5], attrs, 18), image(1, 2))).shape).toEqual([1, 1, 3, 5]);
    expect(
      (
        await outputOf(
          bySizes([4, 5], { ...attrs, keep_aspect_ratio_policy: 'not_smaller' }, 18),
          image(1, 2),
        )
      ).shape,
    ).toEqual([1, 1, 4, 8]);
  });
});

describe('linear', () => {
  it.each([
    ['half_pixel', [1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4]],
    [
      'align_corners',
      [
        1, 1.33333, 1.66667, 2, 1.66667, 2, 2.33333, 2.66667, 2.33333, 2.66667, 3, 3.33333, 3, 3.33333,
        3.66667, 4,
      ],
    ],
    ['asymmetric', [1, 1.5, 2, 2, 2, 2.5, 3, 3, 3, 3.5, 4, 4, 3, 3.5, 4, 4]],
  ])('enlarges: %s', async (mode, expected) => {
    const model = byScales([1, 1, 2, 2], { mode: 'linear', coordinate_transformation_mode: mode });
    expect((await outputOf(model, image(2, 2))).data).toEqual(expected);
    expect(await gradientError(model, scattered([1, 1, 2, 2]))).toBeLessThan(1e-3);
  });

  it('shrinks', async () => {
    const attrs = { mode: 'linear' };
    expect((await outputOf(byScales([1, 1, 0.6, 0.6], attrs), image(2, 4))).data).toEqual([2.66667, 4.33333]);
    const corners = { ...attrs, coordinate_transformation_mode: 'align_corners' };
    expect((await outputOf(byScales([1, 1, 0.6, 0.6], corners), image(2, 4))).data).toEqual([1, 3.14286]);
    const torch = { ...attrs, coordinate_transformation_mode: 'pytorch_half_pixel' };
    expect((await outputOf(bySizes([1, 1, 3, 1], torch), image(4, 4))).data).toEqual([1.66667, 7, 12.3333]);
  });

  it('averages when shrinking with antialiasing', async () => {
    const model = byScales([1, 1, 0.6, 0.6], { mode: 'linear', antialias: 1 }, 18);
    expect((await outputOf(model, image(4, 4))).data).toEqual([2.875, 4.5, 9.375, 11]);
  });
});

describe('cubic', () => {
  it('interpolates between four neighbors', async () => {
    const { shape, data } = await outputOf(byScales([1, 1, 0.8, 0.8], { mode: 'cubic' }), image(4, 4));
    expect(shape).toEqual([1, 1, 3, 3]);
    expect(data).toEqual([1.47119, 2.78125, 4.08252, 6.71143, 8.02148, 9.32275, 11.9165, 13.2266, 14.5278]);
  });

  it('can exclude neighbors outside the image', async () => {
    const attrs = { mode: 'cubic', cubic_coeff_a: { float: -0.5 }, exclude_outside: 1 };
    const { data } = await outputOf(byScales([1, 1, 0.8, 0.8], attrs), image(4, 4));
    expect(data).toEqual([1.36813, 2.6695, 4.01334, 6.57363, 7.875, 9.21884, 11.949, 13.2503, 14.5942]);
  });
});

describe('Upsample', () => {
  const scales = { floats: [1, 1, 2, 3] };
  const expected = [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4];

  it('accepts scales as an attribute, and as an input since operator set 9', async () => {
    const old = { nodes: [node('Upsample', ['x'], ['y'], { scales })], opset: 7 };
    expect((await outputOf(old, image(2, 2))).data).toEqual(expected);
    const nodes = [node('Upsample', ['x', 'scales'], ['y'], { mode: 'nearest' })];
    const initializers = [onnxTensor('scales', float32([4], [1, 1, 2, 3]))];
    expect((await outputOf({ nodes, initializers, opset: 9 }, image(2, 2))).data).toEqual(expected);
  });
});

describe('a Resize', () => {
  it.each([
    [
      { coordinate_transformation_mode: 'tf_crop_and_resize' },
      'coordinate_transformation_mode tf_crop_and_resize is not supported',
    ],
    [{ mode: 'area' }, 'unknown mode area'],
    [{ nearest_mode: 'round' }, 'unknown nearest_mode round'],
  ])('is refused with %j', async (attrs, message) => {
    await expect(outputOf(byScales([1, 1, 2, 2], attrs), counting([1, 1, 2, 2]))).rejects.toThrow(message);
  });

  it('is refused if its result has no pixels or too many', async () => {
    await expect(outputOf(byScales([1, 1, 0.1, 1], {}), counting([1, 1, 2, 2]))).rejects.toThrow(
      'expected a result of positive sizes and at most 2^31 values, got [1, 1, 0, 2]',
    );
    await expect(outputOf(bySizes([1, 1, 1, 2 ** 40], {}), counting([1, 1, 2, 2]))).rejects.toThrow(
      'expected a result of positive sizes and at most 2^31 values',
    );
  });
});
