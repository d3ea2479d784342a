import type { Value } from '../graph/value.ts';
import { reducedType } from './axes.ts';
import type { Definition } from './definition.ts';
import type { SoftmaxAttrs } from './softmax.ts';
import { shifted } from './softmax.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Logarithm of `softmax(x)` along an axis, accurate even where the softmax would round to 0:
     * `x: [N, K] -> [N, K]` for axis 1.
     * @throws ShapeError unless x is float32 and has the axis
     */
    readonly logSoftmax: Composite<[x: Value], SoftmaxAttrs>;
  }
}

export const logSoftmax: Definition<'logSoftmax'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: ([x], { axis }, fail) => {
    reducedType(x, [axis], fail);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x], { axis }) => {
    const { centered, sum } = shifted(b, x, axis);
    return [b.op.sub(centered, b.op.broadcast(b.op.log(sum), { shape: x.shape }))];
  },
  gradient: ({ b, outputs: [y], attrs: { axis }, outputGradients: [dy] }) => {
    const total = b.op.broadcast(b.op.reduceSum(dy, { axes: [axis] }), { shape: y.shape });
    return [b.op.sub(dy, b.op.mul(b.op.exp(y), total))];
  },
};
