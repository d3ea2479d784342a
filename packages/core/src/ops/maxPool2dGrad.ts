import type { Value } from '../graph/value.ts';
import { sameType, typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';
import type { MaxPool2dAttrs } from './maxPool2d.ts';
import { maxPool2dType } from './maxPool2d.ts';
import { pooledBatch } from './window.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Gradient of `maxPool2d` with respect to its input: sends each window's gradient to the window's first maximum, in
     * row-major order.
     *
     * `x: [N, C, H, W], y: [N, C, OH, OW], dy: [N, C, OH, OW] -> [N, C, H, W]`, where `y = maxPool2d(x)`.
     * @throws ShapeError unless y and dy have the type of `maxPool2d(x)`, and under the conditions of `maxPool2d`
     */
    readonly maxPool2dGrad: Primitive<[x: Value, y: Value, dy: Value], MaxPool2dAttrs>;
  }
}

export const maxPool2dGrad: Definition<'maxPool2dGrad'> = {
  kind: 'primitive',
  inputs: ['x', 'y', 'dy'],
  infer: ([x, y, dy], attrs, fail) => {
    const pooled = maxPool2dType(x, attrs, fail);
    for (const type of [y, dy]) {
      if (!sameType(type, pooled)) throw fail(`expected ${typeText(pooled)}, got ${typeText(type)}`);
    }
    return [{ dtype: 'float32', shape: x.shape }];
  },
  batch: (inputs) => [pooledBatch(inputs)],
  gradient: ({ b, inputs: [x, y], attrs, outputGradients: [g] }) => [
    undefined,
    undefined,
    b.op.maxPool2dGather(x, y, g, attrs),
  ],
};
