// The windows of a pooling over NHWC images in host memory, where wasm and cpu keep their tensors.
import type { MaxPool2dAttrs, Shape4 } from '@isonet/core';

/** Visits the part of a window inside the image: `rows` by `columns` pixels. `start` is the position of the first channel. */
type Visit = (start: number, rows: number, columns: number) => void;

/** Visits every window, in the order of y, with all channels at once. `xShape: [N, H, W, C], yShape: [N, OH, OW, C]` */
export function forEachWindow(
  [n, height, width, channels]: Shape4,
  [, outHeight, outWidth]: Shape4,
  { kernel, strides, pads }: MaxPool2dAttrs,
  visit: Visit,
): void {
  for (let image = 0; image < n; image++) {
    for (let i = 0; i < outHeight; i++) {
      const rows = inside(i * strides[0] - pads[0], kernel[0], height);
      for (let j = 0; j < outWidth; j++) {
        const columns = inside(j * strides[1] - pads[1], kernel[1], width);
        const start = ((image * height + rows.start) * width + columns.start) * channels;
        visit(start, rows.end - rows.start, columns.end - columns.start);
      }
    }
  }
}

interface Steps {
  /** The step from one row of the image to the next. */
  readonly down: number;
  /** The step from one pixel to the next: the number of channels. */
  readonly across: number;
}

/** Returns the position of the maximum of one channel in a window: the first in a tie. */
export function firstMaximum(
  values: Float32Array,
  start: number,
  rows: number,
  columns: number,
  { down, across }: Steps,
): number {
  let best = start;
  for (let row = 0; row < rows; row++) {
    let at = start + row * down;
    for (let column = 0; column < columns; column++, at += across) {
      if (values[at]! > values[best]!) best = at;
    }
  }
  return best;
}

function inside(
  start: number,
  kernel: number,
  size: number,
): { readonly start: number; readonly end: number } {
  return { start: Math.max(0, start), end: Math.min(size, start + kernel) };
}
