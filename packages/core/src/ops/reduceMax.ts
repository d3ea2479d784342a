// reduceMax(x): the maximum over `axes`, which stay with size 1. `x: [N, K], axes [1] -> [N, 1]`
// Values that tie share the gradient evenly.
import type { Value } from '../builder.ts';
import { reducedType } from './axes.ts';
import type { ReduceAttrs } from './axes.ts';
import type { Primitive } from './definition.ts';

export const reduceMax: Primitive<ReduceAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { axes }, fail) => [reducedType(x, axes, fail)],
  gradient: ({ b, inputs: [x], attrs: { axes }, outputs: [y], outputGradients: [dy] }) => {
    const { shape } = x;
    const below = b.op.greater(b.op.broadcast(y, { shape }), x);
    const isMax = b.op.select(below, b.fill(0, shape), b.fill(1, shape));
    const share = b.op.div(dy, b.op.reduceSum(isMax, { axes }));
    return [b.op.mul(isMax, b.op.broadcast(share, { shape }))];
  },
};
