import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Binary cross-entropy of logits, elementwise: -t log sigmoid(x) - (1 - t) log(1 - sigmoid(x)) for a
     * logit x and its target t. `logits: [...], target: [...] -> [...]`, all of the same shape. The target
     * holds probabilities. Equivalent to PyTorch's BCEWithLogitsLoss without reduction.
     * @throws ShapeError unless both are float32 of the same shape
     */
    readonly sigmoidCrossEntropy: Composite<[logits: Value, target: Value]>;
  }
}

export const sigmoidCrossEntropy: Definition<'sigmoidCrossEntropy'> = {
  kind: 'composite',
  inputs: ['logits', 'target'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  // max(x, 0) - x t + log(1 + e^-|x|), as in TensorFlow's sigmoid_cross_entropy_with_logits: the exponential
  // is at most 1. At x = 0 the gradient of max is 0 and the gradient of -|x| = min(x, -x) goes to x, so the
  // total is 0 + 1/2 - t, as in the gradient rule.
  decompose: (b, [x, target]) => {
    const { shape } = x;
    const positive = b.op.max(b.fill(0, shape), x);
    const minusMagnitude = b.op.min(x, b.op.mul(x, b.fill(-1, shape)));
    const softplus = b.op.log(b.op.add(b.op.exp(minusMagnitude), b.fill(1, shape)));
    return [b.op.add(b.op.sub(positive, b.op.mul(x, target)), softplus)];
  },
  // dx = (sigmoid(x) - t) * dloss, dt = -x * dloss
  gradient: ({ b, inputs: [x, target], outputGradients: [dLoss] }) => [
    b.op.mul(b.op.sub(b.op.sigmoid(x), target), dLoss),
    b.op.mul(b.op.mul(x, b.fill(-1, x.shape)), dLoss),
  ],
};
