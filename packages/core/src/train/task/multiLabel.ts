// Multi-label classification: any number of K labels may apply to a sample.
import { checkNothing, failAt } from '../../arguments/check.ts';
import { ranges } from '../../arguments/forms.ts';
import { ShapeError } from '../../errors.ts';
import { dimOf, typeText } from '../../tensor.ts';
import type { Tensor } from '../../tensor.ts';
import { sampleMeans } from './regression.ts';
import type { Scores, Task } from './task.ts';
import { checkEach, finiteRows } from './task.ts';

/**
 * Binary cross-entropy with logits, averaged over a sample's K labels. The metrics are `accuracy`, the fraction of labels that
 * are correct, and `exactMatch`, the fraction of samples whose labels are all correct. A label is predicted if its logit is
 * above 0, i.e. its probability is above 1/2.
 *
 * The logits are `[N, K]`. The labels are `float32 [N, K]`: 0, 1 or a probability in between.
 *
 * A network whose output is not [N, K] causes a ShapeError when its training graph is built. A label outside 0 to 1 causes a
 * DataError `LABEL` when its batch is checked.
 */
export function multiLabel(...none: []): Task<'accuracy' | 'exactMatch'> {
  checkNothing(failAt('multiLabel'), none);
  return {
    name: 'multiLabel',
    targets: (output) => {
      if (output.shape.length !== 2) {
        throw new ShapeError(`multiLabel: expected logits [N, K], got ${typeText(output)} from the network`);
      }
      return [{ dtype: 'float32', shape: output.shape }];
    },
    check: (labels, _, origins) => checkEach('multiLabel', labels, ranges.part, origins),
    losses: (b, logits, labels) => sampleMeans(b, b.op.sigmoidCrossEntropy(logits, labels)),
    score: matches,
  };
}

function matches(logits: Tensor, labels: Tensor, origins?: Uint32Array): Scores<'accuracy' | 'exactMatch'> {
  const k = dimOf(logits.shape, 1);
  let [right, exact] = [0, 0];
  const rows = finiteRows(logits, origins);
  rows.forEach((row, sample) => {
    const hits = row.filter((logit, i) => logit > 0 === labels.data[sample * k + i]! > 0.5).length;
    right += hits;
    if (hits === k) exact++;
  });
  return {
    accuracy: { sum: right, count: rows.length * k },
    exactMatch: { sum: exact, count: rows.length },
  };
}
