import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';
import { decayed, descend } from './sgdUpdate.ts';

/** The attributes of {@link sgdMomentumUpdate}. */
export type SgdMomentumUpdateAttrs = {
  /** The fraction of the velocity that each step keeps, in [0, 1). */
  readonly momentum: number;
  /** Uses Nesterov's form, which steps along `g + momentum * velocity'`. */
  readonly nesterov: boolean;
  /** The factor by which the weight is multiplied before it is added to the gradient; 0 for no decay. */
  readonly weightDecay: number;
};

type Inputs = [weight: Value, gradient: Value, velocity: Value, lr: Value];

declare module './signatures.ts' {
  interface Signatures {
    /**
     * One step of SGD with momentum, as in PyTorch's SGD without dampening; Nesterov's form follows Sutskever et al. 2013,
     * section 2.
     *
     * `weight: [...], gradient: [...], velocity: [...], lr: [] -> [weight', velocity']: [...]`
     * ```
     * g         = gradient + weightDecay * weight
     * velocity' = momentum * velocity + g
     * weight'   = weight - lr * (nesterov ? g + momentum * velocity' : velocity')
     * ```
     * @throws ShapeError unless weight, gradient and velocity are float32 of the same shape, and lr is
     * float32 `[]`
     */
    readonly sgdMomentumUpdate: Composite<
      Inputs,
      SgdMomentumUpdateAttrs,
      readonly [weight: Value, velocity: Value]
    >;
  }
}

export const sgdMomentumUpdate: Definition<'sgdMomentumUpdate'> = {
  kind: 'composite',
  inputs: ['weight', 'gradient', 'velocity', 'lr'],
  infer: ([weight, gradient, velocity, lr], _, fail) => {
    if (lr.dtype !== 'float32' || lr.shape.length > 0)
      throw fail(`expected lr float32 [], got ${typeText(lr)}`);
    const type = sameFloat([weight, gradient, velocity], fail);
    return [type, type];
  },
  decompose: (b, [weight, gradient, velocity, lr], { momentum, nesterov, weightDecay }) => {
    const scale = b.fill(momentum, weight.shape);
    const g = decayed(b, weight, gradient, weightDecay);
    const next = b.op.add(b.op.mul(velocity, scale), g);
    const direction = nesterov ? b.op.add(g, b.op.mul(next, scale)) : next;
    return [descend(b, weight, direction, lr), next];
  },
};
