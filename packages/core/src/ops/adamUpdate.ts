import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';
import { decayed } from './sgdUpdate.ts';

/** The attributes of {@link adamUpdate}. */
export type AdamUpdateAttrs = {
  /** The decay rate of the mean of gradients, in [0, 1). */
  readonly beta1: number;
  /** The decay rate of the mean of squared gradients, in [0, 1). */
  readonly beta2: number;
  /** Added to the square root, which may be 0. */
  readonly epsilon: number;
  /** The factor by which the weight is multiplied in the decay term; 0 for no decay. */
  readonly weightDecay: number;
  /** If true (AdamW), the decay acts on the weight directly; otherwise it is added to the gradient. */
  readonly decoupled: boolean;
};

type Inputs = [
  weight: Value,
  gradient: Value,
  mean: Value,
  square: Value,
  lr: Value,
  correction1: Value,
  correction2: Value,
];
type Outputs = readonly [weight: Value, mean: Value, square: Value];

declare module './signatures.ts' {
  interface Signatures {
    /**
     * One step of Adam (Kingma and Ba 2014, algorithm 1) or, with `decoupled`, of AdamW (Loshchilov and Hutter 2017,
     * algorithm 2).
     *
     * `weight, gradient, mean, square: [...], lr, correction1, correction2: [] -> [weight', mean', square']: [...]`
     * ```
     * g       = gradient (+ weightDecay * weight, unless decoupled)
     * mean'   = beta1 * mean + (1 - beta1) * g
     * square' = beta2 * square + (1 - beta2) * g^2
     * weight' = weight - lr * mean' * correction1 / (sqrt(square' * correction2) + epsilon)
     *           (- lr * weightDecay * weight, if decoupled)
     * ```
     * The bias corrections are `correction1 = 1 / (1 - beta1^t)` and `correction2 = 1 / (1 - beta2^t)` at step t,
     * counted from 1; the host computes them in float64.
     * @throws ShapeError unless the tensors are float32 of the same shape, and the rate and the corrections
     * are float32 `[]`
     */
    readonly adamUpdate: Composite<Inputs, AdamUpdateAttrs, Outputs>;
  }
}

export const adamUpdate: Definition<'adamUpdate'> = {
  kind: 'composite',
  inputs: ['weight', 'gradient', 'mean', 'square', 'lr', 'correction1', 'correction2'],
  infer: ([weight, gradient, mean, square, ...scalars], _, fail) => {
    for (const scalar of scalars) {
      if (scalar.dtype !== 'float32' || scalar.shape.length > 0) {
        throw fail(`expected scalars float32 [], got ${typeText(scalar)}`);
      }
    }
    const type = sameFloat([weight, gradient, mean, square], fail);
    return [type, type, type];
  },
  decompose: (b, [weight, gradient, mean, square, lr, correction1, correction2], attrs) => {
    const { beta1, beta2, epsilon, weightDecay, decoupled } = attrs;
    const { shape } = weight;
    const whole = (scalar: Value): Value => b.op.broadcast(scalar, { shape });
    const mix = (before: Value, now: Value, beta: number): Value =>
      b.op.add(b.op.mul(before, b.fill(beta, shape)), b.op.mul(now, b.fill(1 - beta, shape)));
    const g = decoupled ? gradient : decayed(b, weight, gradient, weightDecay);
    const nextMean = mix(mean, g, beta1);
    const nextSquare = mix(square, b.op.mul(g, g), beta2);
    const root = b.op.sqrt(b.op.mul(nextSquare, whole(correction2)));
    const ratio = b.op.div(b.op.mul(nextMean, whole(correction1)), b.op.add(root, b.fill(epsilon, shape)));
    const direction = decoupled ? decayed(b, weight, ratio, weightDecay) : ratio;
    return [b.op.sub(weight, b.op.mul(direction, whole(lr))), nextMean, nextSquare];
  },
};
