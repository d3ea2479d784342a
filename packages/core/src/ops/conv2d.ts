// conv2d(x, w): two-dimensional cross-correlation, what deep learning calls convolution.
// `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`
// y[n, k, i, j] = sum over c, p, q of x[n, c, i*strides[0] + p*dilations[0] - top, j*...] * w[k, c, p, q], 0 outside x.
import type { Value } from '../graph/value.ts';
import type { TensorType } from '../tensor.ts';
import { dimOf, sizeOf } from '../tensor.ts';
import type { Definition, Fail } from './definition.ts';
import type { Pads, Pair } from './window.ts';
import { convolvedBatch, rank4, windowsIn } from './window.ts';

export type Conv2dAttrs = {
  readonly strides: Pair;
  /** [top, left, bottom, right] */
  readonly pads: Pads;
  readonly dilations: Pair;
  readonly groups: number;
};

/** The type of conv2d's result; the two gradient ops use it to check theirs. */
export function conv2dType(x: TensorType, w: TensorType, attrs: Conv2dAttrs, fail: Fail): TensorType {
  const [n, c, height, width] = rank4(x, 'images float32 [N, C, H, W]', fail);
  const [k, cPerGroup, kh, kw] = rank4(w, 'a filter float32 [K, C / groups, KH, KW]', fail);
  const { groups } = attrs;
  if (c !== cPerGroup * groups) {
    throw fail(
      `the filter takes ${cPerGroup * groups} channels (${cPerGroup} x ${groups} groups), the input has ${c}`,
    );
  }
  if (k % groups !== 0) throw fail(`${k} output channels cannot be split into ${groups} groups`);
  const [oh, ow] = windowsIn([height, width], { kernel: [kh, kw], ...attrs }, fail);
  return { dtype: 'float32', shape: [n, k, oh, ow] };
}

/** Multiply-adds of a convolution with this filter and result; its two gradients take as many. */
export function conv2dCost(w: TensorType, y: TensorType): number {
  return (sizeOf(w.shape) * sizeOf(y.shape)) / dimOf(y.shape, 1);
}

declare module './signatures.ts' {
  interface Signatures {
    conv2d: Primitive<[x: Value, w: Value], Conv2dAttrs>;
  }
}

export const conv2d: Definition<'conv2d'> = {
  kind: 'primitive',
  inputs: ['x', 'w'],
  infer: ([x, w], attrs, fail) => [conv2dType(x, w, attrs, fail)],
  batch: ([x, w]) => [convolvedBatch(x, w)],
  cost: ([, w], [y]) => conv2dCost(w, y),
  gradient: ({ b, inputs: [x, w], attrs, outputGradients: [dy] }) => [
    b.op.conv2dGradInput(dy, w, { ...attrs, inputShape: x.shape }),
    b.op.conv2dGradFilter(x, dy, { ...attrs, filterShape: w.shape }),
  ],
};
