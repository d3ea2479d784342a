// The geometries on which conv2d and its two gradients are tested.
import { type Conv2dAttrs, defined, definitionOf, type Shape, ShapeError } from '@isonet/core';

/** Stride 1, no padding, no dilation, one group. */
export const plain: Conv2dAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 };

export interface Convolution {
  readonly name: string;
  readonly x: Shape;
  readonly w: Shape;
  /** The shape of conv2d's output. */
  readonly y: Shape;
  readonly attrs: Conv2dAttrs;
}

/** Returns the geometry of a convolution of images with filters. Attributes default to {@link plain}. */
export function on(name: string, x: Shape, w: Shape, given: Partial<Conv2dAttrs> = {}): Convolution {
  const attrs = { ...plain, ...given };
  const types = [x, w].map((shape) => ({ dtype: 'float32', shape }) as const);
  const [y] = definitionOf('conv2d').infer(types, attrs, (message) => new ShapeError(`${name}: ${message}`));
  return { name, x, w, y: defined(y, name).shape, attrs };
}

export const convolutions: readonly Convolution[] = [
  on('1x1', [2, 5, 4, 3], [7, 5, 1, 1]),
  on('1x1-one-pixel', [3, 5, 1, 1], [4, 5, 1, 1]),
  on('1x1-stride-2', [2, 3, 5, 6], [4, 3, 1, 1], { strides: [2, 2] }),
  on('1x1-padded', [1, 2, 3, 3], [2, 2, 1, 1], { pads: [1, 2, 0, 1] }),
  on('3x3', [2, 3, 6, 7], [4, 3, 3, 3]),
  on('3x3-padded', [2, 3, 5, 7], [4, 3, 3, 3], { pads: [1, 1, 1, 1] }),
  on('3x3-stride-2', [2, 3, 7, 9], [4, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  on('3x3-stride-2-asymmetric-pads', [2, 3, 8, 9], [4, 3, 3, 3], { strides: [2, 2], pads: [0, 1, 2, 0] }),
  on('3x3-stride-2-last-row-unused', [1, 2, 6, 8], [3, 2, 3, 3], { strides: [2, 2] }),
  on('3x3-stride-3x2', [2, 2, 10, 7], [3, 2, 3, 3], { strides: [3, 2], pads: [2, 0, 1, 2] }),
  on('3x3-on-2x2', [2, 4, 2, 2], [3, 4, 3, 3], { pads: [1, 1, 1, 1] }),
  on('4x4-stride-2', [2, 3, 9, 9], [4, 3, 4, 4], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  on('5x5-pad-2', [1, 2, 7, 6], [3, 2, 5, 5], { pads: [2, 2, 2, 2] }),
  on('7x7-stride-2-pad-3', [1, 1, 13, 12], [4, 1, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3] }),
  on('1x5', [2, 2, 4, 8], [3, 2, 1, 5], { pads: [0, 2, 0, 2] }),
  on('5x1', [2, 2, 8, 4], [3, 2, 5, 1], { pads: [2, 0, 2, 0] }),
  on('2x2-even-kernel', [2, 3, 5, 5], [4, 3, 2, 2], { pads: [0, 0, 1, 1] }),
  on('stride-larger-than-kernel', [1, 2, 9, 9], [3, 2, 2, 2], { strides: [3, 4] }),
  on('kernel-covers-image', [2, 3, 4, 5], [6, 3, 4, 5]),
  on('pad-larger-than-kernel', [1, 2, 3, 3], [2, 2, 2, 2], { pads: [3, 0, 0, 3] }),
  on('dilation-2', [2, 2, 8, 9], [3, 2, 3, 3], { dilations: [2, 2], pads: [2, 2, 2, 2] }),
  on('dilation-2x3-stride-2x1', [1, 2, 9, 11], [3, 2, 3, 3], {
    dilations: [2, 3],
    strides: [2, 1],
    pads: [1, 2, 3, 0],
  }),
  on('groups-2', [2, 4, 5, 6], [6, 2, 3, 3], { groups: 2, pads: [1, 1, 1, 1] }),
  on('depthwise', [2, 5, 6, 6], [5, 1, 3, 3], { groups: 5, pads: [1, 1, 1, 1] }),
  on('depthwise-multiplier-2-stride-2', [2, 3, 7, 7], [6, 1, 3, 3], {
    groups: 3,
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  on('one-image-one-channel', [1, 1, 5, 5], [1, 1, 3, 3]),
  on('one-filter', [2, 3, 5, 5], [1, 3, 3, 3], { pads: [1, 1, 1, 1] }),
  // One more than the tile sizes that fast kernels use.
  on('odd-tiles', [3, 17, 9, 5], [33, 17, 3, 3], { pads: [1, 1, 1, 1] }),
];
