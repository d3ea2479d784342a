import type { Value } from '../graph/value.ts';
import type { TensorType } from '../tensor.ts';
import { dimOf, sizeOf } from '../tensor.ts';
import type { Definition, Fail } from './definition.ts';
import type { Pads, Pair } from './window.ts';
import { convolvedBatch, rank4, windowsIn } from './window.ts';

/** The attributes of {@link conv2d}. */
export type Conv2dAttrs = {
  /** The distance from one window to the next, in pixels of x; at least 1. */
  readonly strides: Pair;
  /** Rows and columns of zeros around x. */
  readonly pads: Pads;
  /** The distance between adjacent taps of the filter, in pixels of x; 1 for a dense filter. */
  readonly dilations: Pair;
  /** The number of independent groups of channels and filters; C groups are a depthwise convolution. */
  readonly groups: number;
};

/** Returns the type of conv2d's result. The two gradient ops use it to check their inputs. */
export function conv2dType(x: TensorType, w: TensorType, attrs: Conv2dAttrs, fail: Fail): TensorType {
  const [n, c, height, width] = rank4(x, 'images float32 [N, C, H, W]', fail);
  const [k, cPerGroup, kh, kw] = rank4(w, 'a filter float32 [K, C / groups, KH, KW]', fail);
  const { groups } = attrs;
  if (c !== cPerGroup * groups) {
    throw fail(
      `the filter expects ${cPerGroup * groups} channels (${cPerGroup} x ${groups} groups), the input has ${c}`,
    );
  }
  if (k % groups !== 0) throw fail(`${k} output channels cannot be split into ${groups} groups`);
  const [oh, ow] = windowsIn([height, width], { kernel: [kh, kw], ...attrs }, fail);
  return { dtype: 'float32', shape: [n, k, oh, ow] };
}

/**
 * Returns the multiply-adds of a convolution with this filter and result; each of its two gradients needs the
 * same number.
 */
export function conv2dCost(w: TensorType, y: TensorType): number {
  return (sizeOf(w.shape) * sizeOf(y.shape)) / dimOf(y.shape, 1);
}

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Two-dimensional cross-correlation, which deep learning calls convolution.
     *
     * `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`, where `OH = floor((H + top + bottom - (KH - 1) *
     * dilations[0] - 1) / strides[0]) + 1`, and OW is analogous.
     * ```
     * y[n, k, i, j] = sum over c, p, q of w[k, c, p, q] *
     *   x[n, c, i * strides[0] + p * dilations[0] - top, j * strides[1] + q * dilations[1] - left]
     * ```
     * x is 0 outside its borders. c ranges over the channels of x or, with groups, over those of k's group.
     * @throws ShapeError unless x and w are float32 of rank 4, and for channels that do not fit the groups, a kernel larger
     * than the padded x, strides or dilations below 1, or negative pads
     */
    readonly conv2d: Primitive<[x: Value, w: Value], Conv2dAttrs>;
  }
}

export const conv2d: Definition<'conv2d'> = {
  kind: 'primitive',
  inputs: ['x', 'w'],
  infer: ([x, w], attrs, fail) => [conv2dType(x, w, attrs, fail)],
  batch: ([x, w], attrs, _, images) => [convolvedBatch(x, w, attrs, images)],
  cost: ([, w], [y]) => conv2dCost(w, y),
  gradient: ({ b, inputs: [x, w], attrs, outputGradients: [dy] }) => [
    b.op.conv2dGradInput(dy, w, { ...attrs, inputShape: x.shape }),
    b.op.conv2dGradFilter(x, dy, { ...attrs, filterShape: w.shape }),
  ],
};
