// softmaxCrossEntropy(logits, target): minus the sum of target * log softmax(logits), per sample.
// `logits: [N, K], target: [N, K] -> [N]`. The target holds probabilities: one-hot rows, or smoothed or mixed ones.
import type { GraphBuilder, Value } from '../builder.ts';
import type { Composite, NoAttrs } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const softmaxCrossEntropy: Composite<NoAttrs, [logits: Value, target: Value]> = {
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
    const perRow = { shape: [shape[0] ?? 0, 1] };
    const scale = b.op.broadcast(b.op.reshape(dLoss, perRow), { shape });
    const weight = b.op.broadcast(b.op.reduceSum(target, { axes: [1] }), { shape });
    const { exps, sum } = shifted(b, logits);
    const softmax = b.op.div(exps, b.op.broadcast(sum, { shape }));
    const dLogits = b.op.mul(b.op.sub(b.op.mul(softmax, weight), target), scale);
    return [dLogits, b.op.mul(minusLogSoftmax(b, logits), scale)];
  },
};

/** Logits less their row's maximum (so that exp cannot overflow), their exponentials, and the sum of those per row. */
function shifted(b: GraphBuilder, logits: Value): { centred: Value; exps: Value; sum: Value } {
  const max = b.op.stopGradient(b.op.reduceMax(logits, { axes: [1] }));
  const centred = b.op.sub(logits, b.op.broadcast(max, { shape: logits.shape }));
  const exps = b.op.exp(centred);
  return { centred, exps, sum: b.op.reduceSum(exps, { axes: [1] }) };
}

function minusLogSoftmax(b: GraphBuilder, logits: Value): Value {
  const { centred, sum } = shifted(b, logits);
  return b.op.sub(b.op.broadcast(b.op.log(sum), { shape: logits.shape }), centred);
}
