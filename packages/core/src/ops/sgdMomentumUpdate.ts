// sgdMomentumUpdate(weight, gradient, velocity, lr): SGD with momentum, as PyTorch's SGD without dampening:
//   g = gradient + weightDecay * weight;  velocity' = momentum * velocity + g
//   weight' = weight - lr * (nesterov ? g + momentum * velocity' : velocity')
// `weight: [...], gradient: [...], velocity: [...], lr: [] -> weight' [...], velocity' [...]`
// Nesterov's form after Sutskever et al. 2013, section 2.
import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';
import { decayed, descend } from './sgdUpdate.ts';

export type SgdMomentumUpdateAttrs = {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
};

type Inputs = [weight: Value, gradient: Value, velocity: Value, lr: Value];

declare module './signatures.ts' {
  interface Signatures {
    sgdMomentumUpdate: Composite<Inputs, SgdMomentumUpdateAttrs, readonly [weight: Value, velocity: Value]>;
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
