import type { Value } from '../graph/value.ts';
import { shape4, sizeOf } from '../tensor.ts';
import type { Definition } from './definition.ts';
import { rank4 } from './window.ts';
import type { Pair } from './window.ts';

/** The factors of height and width. */
export type UpsampleNearest2dAttrs = { readonly scales: Pair };

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Repeats each pixel scales[0] times vertically and scales[1] times horizontally.
     *
     * `x: [N, C, H, W] -> [N, C, H * scales[0], W * scales[1]]`, where
     * `y[n, c, i, j] = x[n, c, floor(i / scales[0]), floor(j / scales[1])]`. A pixel's gradient is the sum of
     * the gradients of its copies.
     */
    readonly upsampleNearest2d: Composite<[x: Value], UpsampleNearest2dAttrs>;
  }
}

export const upsampleNearest2d: Definition<'upsampleNearest2d'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: ([x], { scales }, fail) => {
    const [n, c, h, w] = rank4(x, 'images float32 [N, C, H, W]', fail);
    if (!scales.every((scale) => Number.isInteger(scale) && scale >= 1)) {
      throw fail(`expected integer scales of at least 1, got ${scales.join('x')}`);
    }
    return [{ dtype: 'float32', shape: [n, c, h * scales[0], w * scales[1]] }];
  },
  // The rows of all images share one axis, which keeps the broadcast at rank 4.
  decompose: (b, [x], { scales: [down, right] }) => {
    const [n, c, h, w] = shape4(x.shape);
    const single = b.op.reshape(x, { shape: [n * c * h, 1, w, 1] });
    const copies = b.op.broadcast(single, { shape: [n * c * h, down, w, right] });
    return [b.op.reshape(copies, { shape: [n, c, h * down, w * right] })];
  },
  gradient: ({
    b,
    inputs: [x],
    attrs: {
      scales: [down, right],
    },
    outputGradients: [dy],
  }) => {
    const [, , , w] = shape4(x.shape);
    const copies = b.op.reshape(dy, { shape: [sizeOf(x.shape) / w, down, w, right] });
    return [b.op.reshape(b.op.reduceSum(copies, { axes: [1, 3] }), { shape: x.shape })];
  },
};
