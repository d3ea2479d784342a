// reduceSum(x): the sum over `axes`, which stay with size 1. `x: [N, C, H, W], axes [2, 3] -> [N, C, 1, 1]`
import type { Value } from '../graph/value.ts';
import { reducedBatch, reducedType } from './axes.ts';
import type { ReduceAttrs } from './axes.ts';
import type { Definition } from './definition.ts';

declare module './signatures.ts' {
  interface Signatures {
    reduceSum: Primitive<[x: Value], ReduceAttrs>;
  }
}

export const reduceSum: Definition<'reduceSum'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { axes }, fail) => [reducedType(x, axes, fail)],
  resultShape: undefined,
  batch: ([x], { axes }) => [reducedBatch(x, axes)],
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => [b.op.broadcast(dy, { shape: x.shape })],
};
