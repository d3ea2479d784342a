// Where the numbers of one array meet those of another: axes, filters, pooling windows. The kernels hold only the
// arithmetic.
import type { Conv2dAttrs, MaxPool2dAttrs, Shape } from '@isonet/core';
import { dimOf, shape4, sizeOf } from '@isonet/core';

/** How far apart two neighbours along each axis lie, in row-major order. `[2, 3, 4] -> [12, 4, 1]` */
export function steps(shape: Shape): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** For every position of `shape`, in row-major order: `start`, and its index along each axis times that axis's step. */
export function places(shape: Shape, along: readonly number[], start: number = 0): Int32Array {
  let found = Int32Array.of(start);
  shape.forEach((dim, axis) => {
    const step = dimOf(along, axis);
    const finer = new Int32Array(found.length * dim);
    for (let i = 0; i < finer.length; i++) finer[i] = found[Math.floor(i / dim)]! + (i % dim) * step;
    found = finer;
  });
  return found;
}

/**
 * For every position of `shape`, in row-major order, the position in `small` that it repeats: axes of size 1 are
 * repeated, and a scalar `[]` everywhere. Read backwards: where each value of `shape` is reduced to.
 */
export function repeated(small: Shape, shape: Shape): Int32Array {
  const within = steps(small);
  return places(
    shape,
    shape.map((_, axis) => (small.length === 0 || small[axis] === 1 ? 0 : dimOf(within, axis))),
  );
}

/** The position of the first value of a block that begins at these indices. */
export function startOf(indices: readonly number[], shape: Shape): number {
  const along = steps(shape);
  return indices.reduce((sum, index, axis) => sum + index * dimOf(along, axis), 0);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The output positions i whose input position i * stride + offset lies in 0..inputs-1. */
function span(outputs: number, inputs: number, stride: number, offset: number): Span {
  const start = Math.max(0, Math.ceil(-offset / stride));
  const end = Math.min(outputs, Math.floor((inputs - 1 - offset) / stride) + 1);
  return { start, end: Math.max(start, end) };
}

/** One filter weight meets a row of x: output yStart + j takes x[xStart + j * stride] times w[weight], j < count. */
type Row = (weight: number, xStart: number, yStart: number, count: number) => void;

/**
 * All products of a convolution, row by row of its output. The forward pass and both gradients are the same products,
 * summed in three ways. `x: [N, C, H, W], w: [K, C / groups, KH, KW], y: [N, K, OH, OW]`
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
            // Rows that follow each other without a gap in x and y are one: all of a 1x1 convolution's.
            const gapless = strides[0] * strides[1] === 1 && count === width && count === outWidth;
            const rows = gapless ? down.end - down.start : 1;
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
 * Every window of a pooling, in row-major order of its result, and the pixels of x that lie in it, in row-major order:
 * padding has none. `x: [N, C, H, W], y: [N, C, OH, OW]`
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
 * For every window, in row-major order of the result, where in x its maximum lies: the first in row-major order, but
 * NaN before any number. Padding never wins. `x: [N, C, H, W], yShape: [N, C, OH, OW]`
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
