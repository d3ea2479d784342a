import type { Value } from '../graph/value.ts';
import { reducedBatch, reducedType } from './axes.ts';
import type { ReduceAttrs } from './axes.ts';
import type { Definition } from './definition.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Maximum over `axes`, keeping them with size 1: `x: [N, K] -> [N, 1]` for axes [1]. Tied values share the gradient evenly.
     * @throws ShapeError unless x is float32 and the axes are distinct axes of x
     */
    readonly reduceMax: Primitive<[x: Value], ReduceAttrs>;
  }
}

export const reduceMax: Definition<'reduceMax'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { axes }, fail) => [reducedType(x, axes, fail)],
  resultShape: undefined,
  batch: ([x], { axes }) => [reducedBatch(x, axes)],
  gradient: ({ b, inputs: [x], attrs: { axes }, outputs: [y], outputGradients: [dy] }) => {
    const { shape } = x;
    const below = b.op.greater(b.op.broadcast(y, { shape }), x);
    const isMax = b.op.select(below, b.fill(0, shape), b.fill(1, shape));
    const share = b.op.div(dy, b.op.reduceSum(isMax, { axes }));
    return [b.op.mul(isMax, b.op.broadcast(share, { shape }))];
  },
};
