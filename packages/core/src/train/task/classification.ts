// Classification: each sample belongs to one of K classes.
import { checkOptions } from '../../arguments/check.ts';
import type { Form, Forms } from '../../arguments/forms.ts';
import { optional, ranges } from '../../arguments/forms.ts';
import { DataError, ShapeError } from '../../errors.ts';
import type { Value } from '../../graph/value.ts';
import type { Build } from '../../ops/definition.ts';
import { dimOf, typeText } from '../../tensor.ts';
import type { Tensor, TensorType } from '../../tensor.ts';
import { checkEach, sampleText } from './task.ts';
import type { Task } from './task.ts';
import { classLabel, correctCount, countConfusion } from './metrics.ts';

/** Options of {@link classification}. */
export interface ClassificationOptions {
  /**
   * The fraction of each target that is spread evenly over all classes, in 0..1 (Szegedy et al. 2016, section 7). Default 0.
   * Evaluation uses the same loss.
   */
  readonly labelSmoothing?: number;
}

/** A task whose labels are classes: evaluation computes a confusion matrix. */
export interface Classification extends Task<'accuracy'> {
  /**
   * Adds the samples of a batch to `counts[class][predicted class]`, in place.
   * @throws DataError `LABEL` for a label that is not a class; NonFiniteError for non-finite outputs
   */
  confusion(counts: readonly number[][], output: Tensor, labels: Tensor): void;
}

/** A hint for invalid float labels: often, the `task` option was forgotten. */
const OTHER_TASK = 'for other labels set task, e.g. to regression() or multiLabel()';

const PROBABILITY: Form = { text: 'a probability from 0 to 1', hint: OTHER_TASK, fits: ranges.part.fits };

const OPTIONS: Forms<ClassificationOptions> = { labelSmoothing: optional(ranges.part) };

/** Returns true if a task's labels are classes. */
export function isClassification(task: Task): task is Classification {
  return 'confusion' in task;
}

/** The tolerance for the sum of a sample's float32 probabilities. */
const PROBABILITY_SLACK = 1e-3;

/**
 * Softmax cross-entropy over K classes, with the metric `accuracy`.
 *
 * The logits are `[N, K]`. The labels are classes below K, `int32 [N]`, or the probability of each class, `float32 [N, K]`.
 *
 * With probabilities, mixed or softly labelled samples (mixup, distillation) need no special handling. A prediction then counts
 * as correct if its class is the most probable one.
 * @throws DataError `OPTION` if labelSmoothing is not in 0..1, or for an unknown option
 */
export function classification(options: ClassificationOptions = {}): Classification {
  checkOptions('classification', options, OPTIONS);
  const { labelSmoothing = 0 } = options;
  return {
    name: 'classification',
    targets: (output) => {
      const [n, k] = [dimOf(output.shape, 0), classesOf(output)];
      return [
        { dtype: 'int32', shape: [n] },
        { dtype: 'float32', shape: [n, k] },
      ];
    },
    check: (labels, output, origins) => {
      const k = classesOf(output);
      if (labels.dtype === 'int32') checkEach('classification', labels, classLabel(k), origins);
      else checkProbabilities(labels, k, origins);
    },
    losses: (b, logits, labels) => {
      const k = dimOf(logits.shape, 1);
      const target = labels.dtype === 'int32' ? b.op.oneHot(labels, { depth: k }) : labels;
      return b.op.softmaxCrossEntropy(logits, smoothed(b, target, labelSmoothing));
    },
    score: (logits, labels, origins) => ({
      accuracy: { sum: correctCount(logits, classLabels(labels), origins), count: dimOf(logits.shape, 0) },
    }),
    confusion: (counts, logits, labels) => countConfusion(counts, logits, classLabels(labels)),
  };
}

function classesOf(output: TensorType): number {
  if (output.shape.length === 2) return dimOf(output.shape, 1);
  throw new ShapeError(`classification: expected logits [N, K], got ${typeText(output)} from the network`);
}

/** Returns the class of each label; for probabilities, the most probable class. `[N] or [N, K] -> [N]` */
export function classLabels(labels: Tensor): Tensor {
  if (labels.shape.length === 1) return labels;
  const k = dimOf(labels.shape, 1);
  const classes = Int32Array.from({ length: dimOf(labels.shape, 0) }, (_, row) => {
    const values = Array.from(labels.data.subarray(row * k, (row + 1) * k));
    return values.indexOf(Math.max(...values));
  });
  return { dtype: 'int32', shape: [classes.length], data: classes };
}

function checkProbabilities(labels: Tensor, k: number, origins: Uint32Array | undefined): void {
  checkEach('classification', labels, PROBABILITY, origins);
  for (let row = 0; row * k < labels.data.length; row++) {
    const values = Array.from(labels.data.subarray(row * k, (row + 1) * k));
    const sum = values.reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) <= PROBABILITY_SLACK) continue;
    throw new DataError(
      'LABEL',
      `classification: labels of ${sampleText(row, origins)}: expected probabilities that add up to 1, got a sum of ${sum}; ${OTHER_TASK}`,
    );
  }
}

/** Returns (1 - smoothing) * target + smoothing / K. */
function smoothed(b: Build, target: Value, smoothing: number): Value {
  if (smoothing === 0) return target;
  const { shape } = target;
  const kept = b.op.mul(target, b.fill(1 - smoothing, shape));
  return b.op.add(kept, b.fill(smoothing / dimOf(shape, 1), shape));
}
