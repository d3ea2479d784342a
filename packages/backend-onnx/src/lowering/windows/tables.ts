// Which pixels a convolution's or a pool's windows read, as index tables for Gather. Both tables are row by row: `[taps, places]`.
import type { Pair, Pads } from '@isonet/core';

export interface Windows {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}

/** Per tap and window the pixel of the image that it reads; outside of the image, one past the last. */
export function pixelsOfWindows(image: Pair, windows: Pair, of: Windows): readonly number[] {
  return taps(of).flatMap((tap) =>
    grid(windows).map((window) => place(image, [pixelOf(window, tap, of, 0), pixelOf(window, tap, of, 1)])),
  );
}

/** Per tap and pixel the window that reads it there; where none does, one past the last. */
export function windowsOfPixels(image: Pair, windows: Pair, of: Windows): readonly number[] {
  return taps(of).flatMap((tap) =>
    grid(image).map((pixel) => place(windows, [windowOf(pixel, tap, of, 0), windowOf(pixel, tap, of, 1)])),
  );
}

function taps({ kernel }: Windows): readonly Pair[] {
  return grid(kernel);
}

/** Every place, in row-major order. */
function grid([height, width]: Pair): readonly Pair[] {
  return Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width] as const);
}

function pixelOf(window: Pair, tap: Pair, { strides, dilations, pads }: Windows, axis: 0 | 1): number {
  return window[axis] * strides[axis] + tap[axis] * dilations[axis] - pads[axis];
}

/** A fraction where the stride steps over it: {@link place} takes it for outside. */
function windowOf(pixel: Pair, tap: Pair, { strides, dilations, pads }: Windows, axis: 0 | 1): number {
  return (pixel[axis] + pads[axis] - tap[axis] * dilations[axis]) / strides[axis];
}

function place([height, width]: Pair, [row, column]: Pair): number {
  const inside = row >= 0 && row < height && column >= 0 && column < width;
  return inside && Number.isInteger(row) && Number.isInteger(column) ? row * width + column : height * width;
}
