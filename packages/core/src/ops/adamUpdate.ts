// adamUpdate(weight, gradient, mean, square, lr, correction1, correction2): Adam (Kingma and Ba 2014, algorithm 1), and
// AdamW (Loshchilov and Hutter 2017, algorithm 2) where the decay is decoupled.
//   g = gradient (+ weightDecay * weight, unless decoupled)
//   mean' = beta1 * mean + (1 - beta1) * g;  square' = beta2 * square + (1 - beta2) * g^2
//   weight' = weight - lr * mean' * correction1 / (sqrt(square' * correction2) + epsilon) (- lr * weightDecay * weight)
// `weight, gradient, mean, square: [...], lr, correction1, correction2: [] -> weight', mean', square': [...]`
// The corrections are 1 / (1 - beta^t), computed by the host in float64.
import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';
import { decayed } from './sgdUpdate.ts';

export type AdamUpdateAttrs = {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
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
    adamUpdate: Composite<Inputs, AdamUpdateAttrs, Outputs>;
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
