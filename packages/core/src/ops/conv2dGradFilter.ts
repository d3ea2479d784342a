import type { Value } from '../graph/value.ts';
import { sameShape, shapeText, typeText } from '../tensor.ts';
import type { Conv2dAttrs } from './conv2d.ts';
import { conv2dCost, conv2dType } from './conv2d.ts';
import { joined, kept, liesAlong } from './coupling.ts';
import type { Definition } from './definition.ts';

/** The attributes of the convolution, and its filter's shape. */
export type Conv2dGradFilterAttrs = Conv2dAttrs & {
  /** The result's shape `[K, C / groups, KH, KW]`: x and dy do not determine KH and KW. */
  readonly filterShape: readonly number[];
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Gradient of `conv2d` with respect to its filter:
     * `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C / groups, KH, KW]`, which is `filterShape`.
     * @throws ShapeError unless dy has the shape that `conv2d` returns for x and a filter of `filterShape`, and under the
     * conditions of `conv2d`
     */
    readonly conv2dGradFilter: Primitive<[x: Value, dy: Value], Conv2dGradFilterAttrs>;
  }
}

export const conv2dGradFilter: Definition<'conv2dGradFilter'> = {
  kind: 'primitive',
  inputs: ['x', 'dy'],
  infer: ([x, dy], { filterShape, ...attrs }, fail) => {
    const w = { dtype: 'float32', shape: filterShape } as const;
    const y = conv2dType(x, w, attrs, fail);
    if (!sameShape(y.shape, dy.shape)) {
      throw fail(
        `a filter ${shapeText(filterShape)} needs a gradient ${shapeText(y.shape)}, got ${typeText(dy)}`,
      );
    }
    return [w];
  },
  resultShape: 'filterShape',
  batch: (inputs) => [kept(joined(inputs), () => false)],
  addsUp: (inputs) => inputs.every((input) => liesAlong(input, 0)),
  cost: ([, dy], [w]) => conv2dCost(w, dy),
  gradient: ({ b, inputs: [x, dy], attrs: { filterShape: _, ...attrs }, outputGradients: [g] }) => [
    b.op.conv2dGradInput(dy, g, { ...attrs, inputShape: x.shape }),
    b.op.conv2d(x, g, attrs),
  ],
};
