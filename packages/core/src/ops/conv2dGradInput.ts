import type { Value } from '../graph/value.ts';
import { sameShape, shapeText, typeText } from '../tensor.ts';
import type { Conv2dAttrs } from './conv2d.ts';
import { conv2dCost, conv2dType } from './conv2d.ts';
import type { Definition } from './definition.ts';
import { convolvedBatch } from './window.ts';

/** The attributes of the convolution, and its input's shape. */
export type Conv2dGradInputAttrs = Conv2dAttrs & {
  /** The result's shape `[N, C, H, W]`: dy and w do not determine H and W. */
  readonly inputShape: readonly number[];
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Gradient of `conv2d` with respect to its input, also known as transposed convolution: `dy: [N, K, OH, OW], w: [K, C /
     * groups, KH, KW] -> [N, C, H, W]`, which is `inputShape`.
     * @throws ShapeError unless dy has the shape that `conv2d` returns for w and an input of `inputShape`, and under the
     * conditions of `conv2d`
     */
    readonly conv2dGradInput: Primitive<[dy: Value, w: Value], Conv2dGradInputAttrs>;
  }
}

export const conv2dGradInput: Definition<'conv2dGradInput'> = {
  kind: 'primitive',
  inputs: ['dy', 'w'],
  infer: ([dy, w], { inputShape, ...attrs }, fail) => {
    const x = { dtype: 'float32', shape: inputShape } as const;
    const y = conv2dType(x, w, attrs, fail);
    if (!sameShape(y.shape, dy.shape)) {
      throw fail(
        `an input ${shapeText(inputShape)} needs a gradient ${shapeText(y.shape)}, got ${typeText(dy)}`,
      );
    }
    return [x];
  },
  resultShape: 'inputShape',
  batch: ([dy, w], attrs, _, images) => [convolvedBatch(dy, w, attrs, images)],
  cost: ([dy, w]) => conv2dCost(w, dy),
  gradient: ({ b, inputs: [dy, w], attrs: { inputShape: _, ...attrs }, outputGradients: [g] }) => [
    b.op.conv2d(g, w, attrs),
    b.op.conv2dGradFilter(g, dy, { ...attrs, filterShape: w.shape }),
  ],
};
