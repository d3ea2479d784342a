import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import type { Build, Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

/** The attributes of {@link sgdUpdate}. */
export type SgdUpdateAttrs = {
  /** The factor by which the weight is multiplied before it is added to the gradient; 0 for no decay. */
  readonly weightDecay: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * One step of plain stochastic gradient descent with L2 weight decay: subtracts `lr * (gradient + weightDecay * weight)`
     * from the weight.
     *
     * `weight: [...], gradient: [...], lr: [] -> weight': [...]`
     * @throws ShapeError unless weight and gradient are float32 of the same shape, and lr is float32 `[]`
     */
    readonly sgdUpdate: Composite<[weight: Value, gradient: Value, lr: Value], SgdUpdateAttrs>;
  }
}

export const sgdUpdate: Definition<'sgdUpdate'> = {
  kind: 'composite',
  inputs: ['weight', 'gradient', 'lr'],
  infer: ([weight, gradient, lr], _, fail) => {
    if (lr.dtype !== 'float32' || lr.shape.length > 0)
      throw fail(`expected lr float32 [], got ${typeText(lr)}`);
    return [sameFloat([weight, gradient], fail)];
  },
  decompose: (b, [weight, gradient, lr], { weightDecay }) => [
    descend(b, weight, decayed(b, weight, gradient, weightDecay), lr),
  ],
};

/** Returns gradient + weightDecay * weight. */
export function decayed(b: Build, weight: Value, gradient: Value, weightDecay: number): Value {
  return weightDecay === 0
    ? gradient
    : b.op.add(gradient, b.op.mul(weight, b.fill(weightDecay, weight.shape)));
}

/** Returns weight - lr * direction. */
export function descend(b: Build, weight: Value, direction: Value, lr: Value): Value {
  return b.op.sub(weight, b.op.mul(direction, b.op.broadcast(lr, { shape: weight.shape })));
}
