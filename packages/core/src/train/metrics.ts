// What is counted from logits on the host.
import { asFloat32 } from '../feeds.ts';
import type { Tensor } from '../tensor.ts';

/** The index of the largest logit per row, the first one of a tie. `logits: [N, K] -> N class indices` */
export function predictedClasses(logits: Tensor): readonly number[] {
  const [n = 0, k = 0] = logits.shape;
  const values = asFloat32(logits);
  return Array.from({ length: n }, (_, row) => {
    let best = 0;
    for (let column = 1; column < k; column++) {
      if ((values[row * k + column] ?? 0) > (values[row * k + best] ?? 0)) best = column;
    }
    return best;
  });
}

/** How many rows have their largest logit at the label. */
export function correctCount(logits: Tensor, labels: Tensor): number {
  return predictedClasses(logits).filter((predicted, row) => predicted === labels.data[row]).length;
}

/** Sum over rows of -log softmax(logits)[label], in float64. */
export function crossEntropySum(logits: Tensor, labels: Tensor): number {
  const [n = 0, k = 0] = logits.shape;
  let sum = 0;
  for (let row = 0; row < n; row++) {
    const values = Array.from(logits.data.subarray(row * k, (row + 1) * k));
    const max = Math.max(...values);
    const total = values.reduce((s, value) => s + Math.exp(value - max), 0);
    sum += Math.log(total) + max - (values[labels.data[row] ?? 0] ?? 0);
  }
  return sum;
}

/** Probabilities of one row of logits, in float64. */
export function softmax(logits: ArrayLike<number>): readonly number[] {
  const values = Array.from(logits);
  const max = Math.max(...values);
  const exps = values.map((value) => Math.exp(value - max));
  const total = exps.reduce((sum, value) => sum + value, 0);
  return exps.map((value) => value / total);
}
