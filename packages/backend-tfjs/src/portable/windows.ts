// The windows of a pooling over NHWC images in host memory, which is where wasm and cpu keep their values.
import type { MaxPool2dAttrs, Shape4 } from '@isonet/core';

/** The part of a window that lies inside the image: `rows` times `columns` pixels from `start`, its first channel's place. */
type Visit = (start: number, rows: number, columns: number) => void;

/** Every window, in the order of y, all channels at once. `xShape: [N, H, W, C], yShape: [N, OH, OW, C]` */
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
  /** From a row of the image to the next. */
  readonly down: number;
  /** From a pixel to the next: the number of channels. */
  readonly across: number;
}

/** Where the maximum of one channel of a window is; the first of a tie. */
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
