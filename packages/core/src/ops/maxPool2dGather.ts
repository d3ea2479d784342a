import type { Value } from '../graph/value.ts';
import { sameType, typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';
import type { MaxPool2dAttrs } from './maxPool2d.ts';
import { maxPool2dType } from './maxPool2d.ts';
import { pooledBatch } from './window.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Picks from each window the value of g at the window's first maximum in x.
     *
     * `x: [N, C, H, W], y: [N, C, OH, OW], g: [N, C, H, W] -> [N, C, OH, OW]`, where `y = maxPool2d(x)`. This
     * is the transpose of `maxPool2dGrad` as a linear map of its last input, so max pooling has derivatives
     * of any order.
     * @throws ShapeError unless y has the type of `maxPool2d(x)` and g has the type of x, and under the
     * conditions of `maxPool2d`
     */
    readonly maxPool2dGather: Primitive<[x: Value, y: Value, g: Value], MaxPool2dAttrs>;
  }
}

export const maxPool2dGather: Definition<'maxPool2dGather'> = {
  kind: 'primitive',
  inputs: ['x', 'y', 'g'],
  infer: ([x, y, g], attrs, fail) => {
    const pooled = maxPool2dType(x, attrs, fail);
    if (!sameType(y, pooled)) throw fail(`expected y ${typeText(pooled)}, got ${typeText(y)}`);
    if (!sameType(g, x)) throw fail(`expected g ${typeText(x)}, got ${typeText(g)}`);
    return [pooled];
  },
  batch: (inputs) => [pooledBatch(inputs)],
  gradient: ({ b, inputs: [x, y], attrs, outputGradients: [d] }) => [
    undefined,
    undefined,
    b.op.maxPool2dGrad(x, y, d, attrs),
  ],
};
