// The pixels that the windows of convolutions and poolings contain: they decide where mutants are equivalent.
import type { MaxPool2dAttrs, OpName, Pads, Pair, Shape, Tensor } from '@isonet/core';
import { dimOf, shape4 } from '@isonet/core';
import { elementAt } from '../../src/check/compare.ts';
import type { Mutant } from './mutant.ts';
import { operand } from './mutant.ts';
import { rolled } from './tensors.ts';

export interface Windows {
  /** Height and width. */
  readonly image: Pair;
  /** The number of windows, down and across. */
  readonly windows: Pair;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
}

/** A window and one of its taps that falls on a pixel, along one axis. */
export interface Contact {
  readonly window: number;
  readonly tap: number;
  readonly pixel: number;
}

export function contacts(
  axis: 0 | 1,
  { image, windows, kernel, strides, pads, dilations }: Windows,
): readonly Contact[] {
  const all = Array.from({ length: windows[axis] * kernel[axis] }, (_, i) => {
    const window = Math.floor(i / kernel[axis]);
    const tap = i % kernel[axis];
    return { window, tap, pixel: window * strides[axis] + tap * dilations[axis] - pads[axis] };
  });
  return all.filter(({ pixel }) => pixel >= 0 && pixel < image[axis]);
}

/** Returns whether some window reaches into the padding. */
export function reachPadding(windows: Windows): boolean {
  return ([0, 1] as const).some(
    (axis) => contacts(axis, windows).length < windows.windows[axis] * windows.kernel[axis],
  );
}

/** Returns whether every window holds all rows, or all columns if there is only one row. */
export function holdAllRows(windows: Windows): boolean {
  const axis = windows.image[0] > 1 ? 0 : 1;
  return contacts(axis, windows).length === windows.windows[axis] * windows.image[axis];
}

export function poolWindows(x: Shape, y: Shape, { kernel, strides, pads }: MaxPool2dAttrs): Windows {
  return { image: extentOf(x), windows: extentOf(y), kernel, strides, pads, dilations: [1, 1] };
}

/** Height and width of `[N, C, H, W]`. */
export function extentOf(shape: Shape): Pair {
  const [, , height, width] = shape4(shape);
  return [height, width];
}

export interface TappedPixel {
  /** Row-major, in the window. */
  readonly tap: number;
  /** Row-major, in all images. */
  readonly pixel: number;
}

/**
 * Returns the pixels of every window of a pooling. Windows and their pixels are in row-major order. `[N, C, H, W]`
 */
export function windowPixels(images: Shape, windows: Windows): readonly (readonly TappedPixel[])[] {
  const [n, c, height, width] = shape4(images);
  const along = (axis: 0 | 1): readonly (readonly Contact[])[] =>
    Array.from({ length: windows.windows[axis] }, (_, index) =>
      contacts(axis, windows).filter(({ window }) => window === index),
    );
  const [downs, acrosses] = [along(0), along(1)];
  return Array.from({ length: n * c }, (_, plane) => plane).flatMap((plane) =>
    downs.flatMap((down) =>
      acrosses.map((across) =>
        down.flatMap((row) =>
          across.map((column) => ({
            tap: row.tap * windows.kernel[1] + column.tap,
            pixel: (plane * height + row.pixel) * width + column.pixel,
          })),
        ),
      ),
    ),
  );
}

/** Returns whether the maximum of some window of a pooling occurs twice. */
export function haveTies({ data, shape }: Tensor, windows: Windows): boolean {
  return windowPixels(shape, windows).some((pixels) => {
    const values = pixels.map(({ pixel }) => elementAt(data, pixel));
    const maximum = Math.max(...values);
    return values.filter((value) => value === maximum).length > 1;
  });
}

/** Shifts images down by a row, the last row to the top; images of one row are shifted by a column. */
export function shiftedRow<K extends OpName>(index: number, equivalent?: Mutant<K>['equivalent']): Mutant<K> {
  return operand(index, 'a shifted row', (x) => rolled(x, rowsOf(x), 1), 'all rows are alike', equivalent);
}

/** Returns the axis of the rows, or of the columns if there is only one row. */
export function rowsOf({ shape }: Tensor): number {
  return dimOf(shape, 2) > 1 ? 2 : 3;
}
