import type { Value } from '../graph/value.ts';
import { reducedBatch, reducedType } from './axes.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link argMax}. */
export type ArgMaxAttrs = {
  /** The axis, counted from 0; never negative. */
  readonly axis: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Index of the largest value along an axis, the first of tied values; the axis stays, with size 1.
     *
     * `x: [N, K] -> int32 [N, 1]` for axis 1. No gradient flows through it.
     * @throws ShapeError unless x is float32 and has the axis
     */
    readonly argMax: Primitive<[x: Value], ArgMaxAttrs>;
  }
}

export const argMax: Definition<'argMax'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { axis }, fail) => [{ dtype: 'int32', shape: reducedType(x, [axis], fail).shape }],
  batch: ([x], { axis }) => [reducedBatch(x, [axis])],
};
