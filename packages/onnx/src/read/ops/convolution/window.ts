// The sliding windows of Conv, ConvTranspose and the poolings. A window along one axis is handled as a window along two
// axes.
import type { Pads, Pair, Shape, Value } from '@isonet/core';
import { shapeText } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/** A window along one axis, in pixels. */
export interface Sliding {
  /** The size of the image. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding at the start and at the end. */
  readonly before: number;
  readonly after: number;
}

/** A window over height and width. */
export type Window = readonly [vertical: Sliding, horizontal: Sliding];

/** The vertical axis of images with a single row. */
export const ROW: Sliding = { size: 1, kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

/**
 * Returns the window of a node, without padding.
 * @param images their shape, `[N, C, L]` or `[N, C, H, W]`
 * @param filter its shape, `[K, C, KL]` or `[K, C, KH, KW]`; undefined if the attribute kernel_shape defines the size
 * of the window
 */
export function slidingOf(node: NodeReader, images: Shape, filter?: Shape): readonly Sliding[] {
  const sizes = images.slice(2);
  if (sizes.length < 1 || sizes.length > 2) {
    throw node.fail(`expected images [N, C, L] or [N, C, H, W], got ${shapeText(images)}`);
  }
  if (filter && filter.length !== images.length) {
    throw node.fail(`expected a filter of rank ${images.length}, got ${shapeText(filter)}`);
  }
  const ones = sizes.map(() => 1);
  const kernel = along(node, 'kernel_shape', sizes.length, filter?.slice(2));
  const strides = along(node, 'strides', sizes.length, ones);
  const dilations = along(node, 'dilations', sizes.length, ones);
  return sizes.map((size, axis) => {
    const length = filter?.[axis + 2] ?? kernel[axis]!;
    if (kernel[axis] !== length) {
      throw node.fail(
        `expected kernel_shape ${filter?.slice(2).join('x')}, the size of the filter, got ${kernel.join('x')}`,
      );
    }
    return { size, kernel: length, stride: strides[axis]!, dilation: dilations[axis]!, before: 0, after: 0 };
  });
}

/** Returns the window with the padding of the attributes pads and auto_pad. */
export function padded(node: NodeReader, sliding: readonly Sliding[]): Window {
  const auto = node.attributes.string('auto_pad', 'NOTSET');
  const pads = padsOf(node, sliding.length);
  return asTwo(
    sliding.map((axis, i) => {
      if (auto === 'NOTSET') return { ...axis, before: pads[i]!, after: pads[i + sliding.length]! };
      if (auto === 'VALID') return axis;
      if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') throw node.fail(`unknown auto_pad ${auto}`);
      const { size, stride } = axis;
      const total = Math.max((Math.ceil(size / stride) - 1) * stride + reachOf(axis) - size, 0);
      return { ...axis, ...halves(total, auto === 'SAME_UPPER') };
    }),
    ROW,
  );
}

/** Returns the attribute pads: first the pads at the start of each axis, then those at the end. */
export function padsOf(node: NodeReader, axes: number): readonly number[] {
  const pads = along(
    node,
    'pads',
    2 * axes,
    Array.from({ length: 2 * axes }, () => 0),
  );
  if (pads.every((pad) => pad >= 0)) return pads;
  throw node.fail(`expected pads of at least 0, got ${pads.join(', ')}`);
}

/**
 * Splits padding between both ends of an axis. If the total is odd, the extra pixel goes to the end (upper) or to the
 * start.
 */
export function halves(total: number, isUpper: boolean): { readonly before: number; readonly after: number } {
  const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return isUpper ? { before: less, after: more } : { before: more, after: less };
}

/** Returns a window along two axes. If there is only one axis, `row` becomes the first of the two. */
export function asTwo<T extends Sliding>(
  sliding: readonly T[],
  row: T,
): readonly [vertical: T, horizontal: T] {
  const [first, second] = sliding;
  if (!first) throw new Error('a window slides along at least one axis');
  return second ? [first, second] : [row, first];
}

export function kernelOf([vertical, horizontal]: Window): Pair {
  return [vertical.kernel, horizontal.kernel];
}

/** Returns the window as attributes of the graph's ops. */
export function windowAttrs([vertical, horizontal]: Window): {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
} {
  return {
    strides: [vertical.stride, horizontal.stride],
    dilations: [vertical.dilation, horizontal.dilation],
    pads: [vertical.before, horizontal.before, vertical.after, horizontal.after],
  };
}

/** Returns the number of pixels that the window spans. */
export function reachOf({ kernel, dilation }: Sliding): number {
  return (kernel - 1) * dilation + 1;
}

/** Adds a vertical axis to images or filters: `[N, C, L] -> [N, C, 1, L]`. `[N, C, H, W]` stays as it is. */
export function asImages({ op }: NodeReader, x: Value): Value {
  return x.shape.length === 4 ? x : op.reshape(x, { shape: x.shape.toSpliced(2, 0, 1) });
}

/** Removes the vertical axis if the given shape has none: `[N, C, 1, L] -> [N, C, L]`. */
export function asGiven({ op }: NodeReader, images: Value, given: Shape): Value {
  return given.length === 4 ? images : op.reshape(images, { shape: images.shape.toSpliced(2, 1) });
}

/** Returns the attribute `name`, a list of `count` integers. */
function along(
  node: NodeReader,
  name: string,
  count: number,
  fallback: readonly number[] | undefined,
): readonly number[] {
  const values = node.attributes.ints(name, fallback);
  if (values.length === count) return values;
  throw node.fail(`expected ${count} values in ${name}, got ${values.join(', ')}`);
}
