// Index arithmetic: matches the elements of two arrays along axes, under filters and in pooling windows. The kernels
// themselves contain only the arithmetic on values.
import type { Conv2dAttrs, MaxPool2dAttrs, Shape } from '@isonet/core';
import { dimOf, shape4, sizeOf } from '@isonet/core';

/** Returns the stride of each axis in row-major order. `[2, 3, 4] -> [12, 4, 1]` */
export function rowMajorStrides(shape: Shape): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/**
 * Returns, for every position of `shape` in row-major order, `start` plus the dot product of its indices and the strides.
 */
export function positionsOf(shape: Shape, strides: readonly number[], start: number = 0): Int32Array {
  let found = Int32Array.of(start);
  shape.forEach((dim, axis) => {
    const stride = dimOf(strides, axis);
    const finer = new Int32Array(found.length * dim);
    for (let i = 0; i < finer.length; i++) finer[i] = found[Math.floor(i / dim)]! + (i % dim) * stride;
    found = finer;
  });
  return found;
}

/**
 * Returns, for every position of `shape` in row-major order, the position in `small` that is broadcast to it: axes of
 * size 1 are repeated, and a scalar `[]` is repeated everywhere. For a reduction from `shape` to `small`, this is the
 * position that each element is reduced into.
 */
export function broadcastPositions(small: Shape, shape: Shape): Int32Array {
  const within = rowMajorStrides(small);
  return positionsOf(
    shape,
    shape.map((_, axis) => (small.length === 0 || small[axis] === 1 ? 0 : dimOf(within, axis))),
  );
}

/** Returns the position of the element at these indices, in row-major order. */
export function positionOf(indices: readonly number[], shape: Shape): number {
  const strides = rowMajorStrides(shape);
  return indices.reduce((sum, index, axis) => sum + index * dimOf(strides, axis), 0);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Returns the range of output positions i whose input position i * stride + offset is within [0, inputs). */
function span(outputs: number, inputs: number, stride: number, offset: number): Span {
  const start = Math.max(0, Math.ceil(-offset / stride));
  const end = Math.min(outputs, Math.floor((inputs - 1 - offset) / stride) + 1);
  return { start, end: Math.max(start, end) };
}

/** Visits one filter weight and a row of x: output yStart + j receives x[xStart + j * stride] times w[weight], for j < count. */
type Row = (weight: number, xStart: number, yStart: number, count: number) => void;

/**
 * Visits all products of a convolution, row by row of its output. The forward pass and both gradients sum the same
 * products in three different ways. `x: [N, C, H, W], w: [K, C / groups, KH, KW], y: [N, K, OH, OW]`
 */
export function forEachRow(xShape: Shape, wShape: Shape, yShape: Shape, attrs: Conv2dAttrs, row: Row): void {
  const [images, channels, height, width] = shape4(xShape);
  const [filters, channelsPerGroup, kernelHeight, kernelWidth] = shape4(wShape);
  const [, , outHeight, outWidth] = shape4(yShape);
  const { strides, pads, dilations, groups } = attrs;
  const offsets = (kernel: number, axis: 0 | 1): number[] =>
    Array.from({ length: kernel }, (_, tap) => tap * dilations[axis] - pads[axis]);
  const downs = offsets(kernelHeight, 0).map((offset) => ({
    offset,
    ...span(outHeight, height, strides[0], offset),
  }));
  const acrosses = offsets(kernelWidth, 1).map((offset) => ({
    offset,
    ...span(outWidth, width, strides[1], offset),
  }));

  for (let n = 0; n < images; n++) {
    for (let k = 0; k < filters; k++) {
      const group = Math.floor((k * groups) / filters);
      for (let c = 0; c < channelsPerGroup; c++) {
        const xPlane = (n * channels + group * channelsPerGroup + c) * height * width;
        const yPlane = (n * filters + k) * outHeight * outWidth;
        let weight = (k * channelsPerGroup + c) * kernelHeight * kernelWidth;
        for (const down of downs) {
          for (const across of acrosses) {
            const count = across.end - across.start;
            const xColumn = xPlane + across.start * strides[1] + across.offset;
            // Rows that are contiguous in both x and y merge into one, as all rows of a 1x1 convolution do.
            const contiguous = strides[0] * strides[1] === 1 && count === width && count === outWidth;
            const rows = contiguous ? down.end - down.start : 1;
            for (let i = down.start; i < down.end; i += rows) {
              const xStart = xColumn + (i * strides[0] + down.offset) * width;
              row(weight, xStart, yPlane + i * outWidth + across.start, count * rows);
            }
            weight++;
          }
        }
      }
    }
  }
}

/**
 * Visits every pooling window, in row-major order of the result, with the positions of its pixels in x, in row-major order.
 * Padding contributes no pixels. `x: [N, C, H, W], y: [N, C, OH, OW]`
 */
export function forEachWindow(
  xShape: Shape,
  yShape: Shape,
  { kernel, strides, pads }: MaxPool2dAttrs,
  visit: (window: number, pixels: readonly number[]) => void,
): void {
  const [, , height, width] = shape4(xShape);
  const [images, channels, outHeight, outWidth] = shape4(yShape);
  let window = 0;
  for (let plane = 0; plane < images * channels * height * width; plane += height * width) {
    for (let i = 0; i < outHeight; i++) {
      const top = i * strides[0] - pads[0];
      for (let j = 0; j < outWidth; j++) {
        const left = j * strides[1] - pads[1];
        const pixels: number[] = [];
        for (let row = Math.max(0, top); row < Math.min(height, top + kernel[0]); row++) {
          for (let column = Math.max(0, left); column < Math.min(width, left + kernel[1]); column++) {
            pixels.push(plane + row * width + column);
          }
        }
        visit(window++, pixels);
      }
    }
  }
}

/**
 * Returns the position in x of every window's maximum, in row-major order of the result. Ties go to the first in row-major
 * order, a NaN wins over any number, and padding never wins. `x: [N, C, H, W], yShape: [N, C, OH, OW]`
 */
export function firstMaxima(
  x: Float64Array,
  xShape: Shape,
  yShape: Shape,
  attrs: MaxPool2dAttrs,
): Int32Array {
  const maxima = new Int32Array(sizeOf(yShape));
  forEachWindow(xShape, yShape, attrs, (window, pixels) => {
    maxima[window] = pixels.reduce((best, at) =>
      x[at]! > x[best]! || (Number.isNaN(x[at]) && !Number.isNaN(x[best])) ? at : best,
    );
  });
  return maxima;
}
