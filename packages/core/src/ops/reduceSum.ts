// reduceSum(x): the sum over `axes`, which stay with size 1. `x: [N, C, H, W], axes [2, 3] -> [N, C, 1, 1]`
import type { Value } from '../builder.ts';
import { reducedType } from './axes.ts';
import type { ReduceAttrs } from './axes.ts';
import type { Primitive } from './definition.ts';

export const reduceSum: Primitive<ReduceAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { axes }, fail) => [reducedType(x, axes, fail)],
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => [b.op.broadcast(dy, { shape: x.shape })],
};
