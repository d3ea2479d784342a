import type { Value } from '../graph/value.ts';
import { reducedType } from './axes.ts';
import type { Build, Definition } from './definition.ts';

/** The attributes of {@link softmax}. */
export type SoftmaxAttrs = {
  /** The axis, counted from 0; never negative. */
  readonly axis: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * e^x divided by its sum along an axis: `x: [N, K] -> [N, K]` for axis 1. Large x do not overflow.
     * @throws ShapeError unless x is float32 and has the axis
     */
    readonly softmax: Composite<[x: Value], SoftmaxAttrs>;
  }
}

export const softmax: Definition<'softmax'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: ([x], { axis }, fail) => {
    reducedType(x, [axis], fail);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x], { axis }) => {
    const { exps, sum } = shifted(b, x, axis);
    return [b.op.div(exps, b.op.broadcast(sum, { shape: x.shape }))];
  },
  gradient: ({ b, outputs: [y], attrs: { axis }, outputGradients: [dy] }) => {
    const dot = b.op.reduceSum(b.op.mul(dy, y), { axes: [axis] });
    return [b.op.mul(y, b.op.sub(dy, b.op.broadcast(dot, { shape: y.shape })))];
  },
};

/** Returns x minus its maximum along the axis (so that exp cannot overflow), the exponentials, and their sum. */
export function shifted(b: Build, x: Value, axis: number): { centered: Value; exps: Value; sum: Value } {
  const max = b.op.stopGradient(b.op.reduceMax(x, { axes: [axis] }));
  const centered = b.op.sub(x, b.op.broadcast(max, { shape: x.shape }));
  const exps = b.op.exp(centered);
  return { centered, exps, sum: b.op.reduceSum(exps, { axes: [axis] }) };
}
