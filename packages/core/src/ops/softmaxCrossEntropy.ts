import type { Value } from '../graph/value.ts';
import { dimOf } from '../tensor.ts';
import type { Build, Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Cross-entropy per sample: minus the sum of `target * logSoftmax(logits)` over the classes.
     *
     * `logits: [N, K], target: [N, K] -> [N]`. The target holds probabilities: one-hot, smoothed or mixed rows.
     * @throws ShapeError unless logits and target are float32 `[N, K]`
     */
    readonly softmaxCrossEntropy: Composite<[logits: Value, target: Value]>;
  }
}

export const softmaxCrossEntropy: Definition<'softmaxCrossEntropy'> = {
  kind: 'composite',
  inputs: ['logits', 'target'],
  infer: (inputs, _, fail) => {
    const { shape } = sameFloat(inputs, fail);
    const [n] = shape;
    if (shape.length !== 2 || n === undefined)
      throw fail(`expected logits [N, K], got [${shape.join(', ')}]`);
    return [{ dtype: 'float32', shape: [n] }];
  },
  decompose: (b, [logits, target]) => {
    const losses = b.op.mul(target, minusLogSoftmax(b, logits));
    return [b.op.reshape(b.op.reduceSum(losses, { axes: [1] }), { shape: logits.shape.slice(0, 1) })];
  },
  // dlogits = (softmax * sum(target) - target) * dloss, the textbook rule for targets that need not sum to 1.
  gradient: ({ b, inputs: [logits, target], outputGradients: [dLoss] }) => {
    const { shape } = logits;
    const scale = b.op.broadcast(b.op.reshape(dLoss, { shape: [dimOf(shape, 0), 1] }), { shape });
    const weight = b.op.broadcast(b.op.reduceSum(target, { axes: [1] }), { shape });
    const expected = b.op.mul(b.op.softmax(logits, { axis: 1 }), weight);
    return [b.op.mul(b.op.sub(expected, target), scale), b.op.mul(minusLogSoftmax(b, logits), scale)];
  },
};

function minusLogSoftmax(b: Build, logits: Value): Value {
  return b.op.mul(b.op.logSoftmax(logits, { axis: 1 }), b.fill(-1, logits.shape));
}
