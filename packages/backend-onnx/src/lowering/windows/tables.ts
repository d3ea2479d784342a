// Index tables for Gather: the pixels that the windows of a convolution or a pool read. Both tables are row-major: `[taps, places]`.
import type { Pair, Pads } from '@isonet/core';

export interface Windows {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}

/** Returns the pixel that each window reads at each tap; for a position outside the image, one past the last pixel. */
export function pixelsOfWindows(image: Pair, windows: Pair, of: Windows): readonly number[] {
  return taps(of).flatMap((tap) =>
    grid(windows).map((window) => place(image, [pixelOf(window, tap, of, 0), pixelOf(window, tap, of, 1)])),
  );
}

/** Returns the window that reads each pixel at each tap; if there is none, one past the last window. */
export function windowsOfPixels(image: Pair, windows: Pair, of: Windows): readonly number[] {
  return taps(of).flatMap((tap) =>
    grid(image).map((pixel) => place(windows, [windowOf(pixel, tap, of, 0), windowOf(pixel, tap, of, 1)])),
  );
}

function taps({ kernel }: Windows): readonly Pair[] {
  return grid(kernel);
}

/** Returns every position, in row-major order. */
function grid([height, width]: Pair): readonly Pair[] {
  return Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width] as const);
}

function pixelOf(window: Pair, tap: Pair, { strides, dilations, pads }: Windows, axis: 0 | 1): number {
  return window[axis] * strides[axis] + tap[axis] * dilations[axis] - pads[axis];
}

/**
 * Returns, along one axis, the window that reads the pixel at this tap. If the stride skips that window, the result
 * is a fraction, which {@link place} treats as outside.
 */
function windowOf(pixel: Pair, tap: Pair, { strides, dilations, pads }: Windows, axis: 0 | 1): number {
  return (pixel[axis] + pads[axis] - tap[axis] * dilations[axis]) / strides[axis];
}

function place([height, width]: Pair, [row, column]: Pair): number {
  const inside = row >= 0 && row < height && column >= 0 && column < width;
  return inside && Number.isInteger(row) && Number.isInteger(column) ? row * width + column : height * width;
}
