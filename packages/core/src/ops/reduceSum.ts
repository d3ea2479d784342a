import type { Value } from '../graph/value.ts';
import { reducedBatch, reducedType } from './axes.ts';
import type { ReduceAttrs } from './axes.ts';
import { liesAlong } from './coupling.ts';
import type { Definition } from './definition.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Sum over `axes`, keeping them with size 1: `x: [N, C, H, W] -> [N, C, 1, 1]` for axes [2, 3].
     * @throws ShapeError unless x is float32 and the axes are distinct axes of x
     */
    readonly reduceSum: Primitive<[x: Value], ReduceAttrs>;
  }
}

export const reduceSum: Definition<'reduceSum'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { axes }, fail) => [reducedType(x, axes, fail)],
  resultShape: undefined,
  batch: ([x], { axes }) => [reducedBatch(x, axes)],
  addsUp: ([x], { axes }) => axes.some((axis) => liesAlong(x, axis)),
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => [b.op.broadcast(dy, { shape: x.shape })],
};
