import type { Value } from '../graph/value.ts';
import { sameType, typeText } from '../tensor.ts';
import type { AvgPool2dAttrs } from './avgPool2d.ts';
import type { Definition } from './definition.ts';
import { maxPool2dType } from './maxPool2d.ts';
import { pooledBatch } from './window.ts';

/** The attributes of the pooling, and its input's shape. */
export type AvgPool2dGradAttrs = AvgPool2dAttrs & {
  /** The result's shape `[N, C, H, W]`: dy does not determine H and W. */
  readonly inputShape: readonly number[];
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Gradient of `avgPool2d` with respect to its input: spreads each window's gradient evenly over the pixels that the window
     * averaged. `dy: [N, C, OH, OW] -> [N, C, H, W]`, which is `inputShape`.
     * @throws ShapeError unless dy has the type that `avgPool2d` returns for an input of `inputShape`, and under the conditions
     * of `avgPool2d`
     */
    readonly avgPool2dGrad: Primitive<[dy: Value], AvgPool2dGradAttrs>;
  }
}

export const avgPool2dGrad: Definition<'avgPool2dGrad'> = {
  kind: 'primitive',
  inputs: ['dy'],
  infer: ([dy], { inputShape, ...attrs }, fail) => {
    const x = { dtype: 'float32', shape: inputShape } as const;
    const pooled = maxPool2dType(x, attrs, fail);
    if (!sameType(dy, pooled)) throw fail(`expected ${typeText(pooled)}, got ${typeText(dy)}`);
    return [x];
  },
  resultShape: 'inputShape',
  batch: (inputs) => [pooledBatch(inputs)],
  gradient: ({ b, attrs: { inputShape: _, ...attrs }, outputGradients: [g] }) => [b.op.avgPool2d(g, attrs)],
};
