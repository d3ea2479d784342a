// The windows and images on which the poolings and their gradients are tested.
import type { AttrsOf, MaxPool2dAttrs, Shape, TensorOf } from '@isonet/core';
import { defined, definitionOf, float32, ShapeError } from '@isonet/core';
import { distinct, flat, integers, reals } from '../case/data.ts';

export interface Pooling {
  readonly name: string;
  readonly x: TensorOf<'float32'>;
  /** The shape of the output. */
  readonly y: Shape;
  readonly attrs: MaxPool2dAttrs;
  /** Whether windows may have several maxima, of which the first, in row-major order, gets the gradient. */
  readonly tied: boolean;
}

type Window = Omit<MaxPool2dAttrs, 'pads'> & Partial<Pick<MaxPool2dAttrs, 'pads'>>;

function on(name: string, x: TensorOf<'float32'>, window: Window, tied = false): Pooling {
  const attrs = { pads: [0, 0, 0, 0], ...window } as const;
  const [y] = definitionOf('maxPool2d').infer([x], attrs, (message) => new ShapeError(`${name}: ${message}`));
  return { name, x, y: defined(y, name).shape, attrs, tied };
}

const overlapping: Window = { kernel: [3, 3], strides: [2, 2] };
const dense: Window = { kernel: [2, 2], strides: [1, 1] };
const same: Window = { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] };
const shape: Shape = [2, 3, 7, 6];

const geometries: readonly (readonly [name: string, x: Shape, window: Window])[] = [
  ['2x2', [2, 3, 6, 8], { kernel: [2, 2], strides: [2, 2] }],
  ['2x2-stride-1', shape, dense],
  ['2x2-last-row-unused', [1, 2, 5, 7], { kernel: [2, 2], strides: [2, 2] }],
  ['3x3-stride-2', [2, 3, 7, 9], overlapping],
  ['3x3-stride-2-padded', shape, { ...overlapping, pads: [1, 1, 1, 1] }],
  ['3x3-stride-2-asymmetric-pads', shape, { ...overlapping, pads: [0, 2, 2, 1] }],
  ['3x3-stride-1-padded', shape, same],
  ['2x3-stride-2x1', shape, { kernel: [2, 3], strides: [2, 1], pads: [1, 0, 0, 2] }],
  ['stride-larger-than-kernel', [1, 2, 8, 9], { kernel: [2, 2], strides: [3, 4] }],
  ['window-covers-image', [2, 3, 4, 5], { kernel: [4, 5], strides: [1, 1] }],
  ['1x1', [2, 3, 4, 5], { kernel: [1, 1], strides: [1, 1] }],
  ['1x1-stride-2', [2, 3, 5, 6], { kernel: [1, 1], strides: [2, 2] }],
  ['one-image-one-channel', [1, 1, 5, 5], overlapping],
  ['one-pixel-padded', [2, 2, 1, 1], same],
];

export const poolings: readonly Pooling[] = [
  ...geometries.map(([name, x, window]) => on(name, distinct('x', x), window)),
  // Zeros in the padding would win the maximum; a mask in which 0 means "no maximum" would lose the gradient.
  on('negative-only-padded', reals('x', shape, -9, -1), { ...overlapping, pads: [1, 1, 1, 1] }),
  // Marked as tied, and therefore kinked, because the values are too large for finite differences.
  on('far-below-0-padded', reals('x', shape, -3e30, -1e30), same, true),
  // Every pixel of a window is its maximum, as in the backgrounds of Fashion-MNIST.
  on('flat-zero', flat(shape, 0), overlapping, true),
  on('flat-negative-padded', flat(shape, -3), same, true),
  on('flat-stride-1', flat(shape, 2), dense, true),
  on('few-values', integers('x', shape, 0, 2), overlapping, true),
  on('few-values-padded', integers('x', shape, -2, 0), same, true),
  on('few-values-stride-1', integers('x', shape, -1, 1), dense, true),
  on('maximum-in-each-corner', float32([4, 1, 2, 2], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), {
    kernel: [2, 2],
    strides: [2, 2],
  }),
];

export type Averaging = Omit<Pooling, 'attrs' | 'tied'> & { readonly attrs: AttrsOf<'avgPool2d'> };

/** On real numbers. A window with padding occurs twice: `-counted` divides by the size of the whole window. */
export const averagings: readonly Averaging[] = geometries.flatMap(([name, xShape, window]) => {
  const { x, y, attrs } = on(name, reals('x', xShape), window);
  const counted = { name: `${name}-counted`, x, y, attrs: { ...attrs, countPadding: true } };
  const uncounted = { name, x, y, attrs: { ...attrs, countPadding: false } };
  return window.pads ? [uncounted, counted] : [uncounted];
});
