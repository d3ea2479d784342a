// Evaluates a model without training it: loss and metrics over a dataset.
import type { Forms } from '../arguments/forms.ts';
import { anything, callback, optional, ranges } from '../arguments/forms.ts';
import { objects } from '../arguments/objects.ts';
import { DataError, defined } from '../errors.ts';
import { letEventsRun } from './events.ts';
import { inferenceBatchSize } from './inferenceBatch.ts';
import type { Dataset } from './data/dataset.ts';
import { batches } from './data/batches.ts';
import type { Model } from './model.ts';
import type { PredictorOptions } from './predictor.ts';
import { Predictor, PREDICTOR } from './predictor.ts';
import type { Classification } from './task/classification.ts';
import { classification, classLabels, isClassification } from './task/classification.ts';
import type { Confusion } from './task/metrics.ts';
import { topKCount } from './task/metrics.ts';
import type { Metrics, Scores, Task } from './task/task.ts';
import { addScores, finiteRows, metricsOf } from './task/task.ts';
import { checkTrainingOptions } from './trainingOptions.ts';

/** Options of {@link evaluate}. */
export interface EvaluateOptions<Metric extends string = string> extends Omit<PredictorOptions, 'task'> {
  /** The samples, evaluated in the dataset's order. */
  readonly data: Dataset;
  /** Default: {@link classification}. */
  readonly task?: Task<Metric>;
  /** Default: {@link inferenceBatchSize}, 256 for small samples. */
  readonly batchSize?: number;
  /** The number of batches to request ahead. Default 1. */
  readonly prefetch?: number;
  /**
   * For classification only: also counts the samples whose class is among the `topK` largest logits, see
   * {@link ClassifierEvaluation.topKAccuracy}.
   */
  readonly topK?: number;
  /** Called and awaited after each batch with the number of samples done so far. A throw ends the evaluation. */
  readonly onBatch?: (done: number) => unknown;
}

const EVALUATE: Forms<EvaluateOptions> = {
  ...PREDICTOR,
  data: objects.dataset,
  batchSize: optional(ranges.count),
  prefetch: optional(ranges.countFrom0),
  topK: anything, // Its range depends on the model.
  onBatch: optional(callback),
};

/** The result of {@link evaluate}. */
export interface Evaluation<Metric extends string = string> {
  /** The mean loss of the task. */
  readonly loss: number;
  /** The means of the task's metrics over all samples. */
  readonly metrics: Metrics<Metric>;
  /** The number of samples. */
  readonly count: number;
}

/** The result of {@link evaluate} for a classification. */
export interface ClassifierEvaluation extends Evaluation<'accuracy'> {
  /** correct / count, in 0..1. */
  readonly accuracy: number;
  /** The number of samples whose class has the largest logit. */
  readonly correct: number;
  /** The confusion matrix; `perClass` derives metrics from it. */
  readonly confusion: Confusion;
  /** With `topK`: the fraction of samples whose class is among the k largest logits, in 0..1. */
  readonly topKAccuracy?: number;
}

/** Options of an evaluation that also computes classification metrics. */
type ClassifierOptions = Omit<EvaluateOptions, 'task'> & { readonly task?: Classification };

/**
 * Evaluates the model on all data in inference mode, with the state's current weights.
 * @throws DataError `OPTION` reporting every option that is missing, unknown, of the wrong type or out of range; `DATASET` if
 * there are no samples; `TOP_K` if `topK` is not an integer from 1 to the number of classes, or the task has no classes;
 * `LABELS` or `LABEL` for labels that do not fit the task
 * @throws NonFiniteError if an output or a loss is NaN or infinite
 */
export function evaluate(options: ClassifierOptions): Promise<ClassifierEvaluation>;
export function evaluate<Metric extends string>(
  options: EvaluateOptions<Metric>,
): Promise<Evaluation<Metric>>;
export async function evaluate(options: EvaluateOptions): Promise<Evaluation | ClassifierEvaluation> {
  checkTrainingOptions('evaluate', options, EVALUATE);
  const { data, task = classification(), prefetch = 1, onBatch, topK } = options;
  const { batchSize = inferenceBatchSize(options.model) } = options;
  if (data.length === 0)
    throw new DataError('DATASET', 'evaluate: data: expected at least one sample, got none');
  const classes = isClassification(task) ? new ClassCounts(options.model, task, topK) : undefined;
  if (!classes && topK !== undefined) {
    throw new DataError('TOP_K', `evaluate: topK: the task ${task.name} has no classes; omit topK`);
  }
  const predictor = new Predictor({ ...options, task });
  try {
    let scores: Scores = {};
    let lossSum = 0;
    let count = 0;
    for await (const batch of batches(data, { batchSize, prefetch })) {
      const { output, losses } = await predictor.losses(batch);
      // Outputs first, so that an error names the network's output rather than the loss derived from it.
      scores = addScores(scores, task.score(output, batch.labels, batch.origins));
      classes?.add(output, batch.labels);
      finiteRows(losses); // Throws for non-finite losses.
      for (const loss of losses.data) lossSum += loss;
      count += batch.indices.length;
      await onBatch?.(count);
      await letEventsRun();
    }
    const result = { loss: lossSum / count, metrics: metricsOf(scores), count };
    return classes ? { ...result, ...classes.evaluation(count) } : result;
  } finally {
    await predictor[Symbol.asyncDispose]();
  }
}

/** Accumulates the confusion matrix and the top-k count. */
class ClassCounts {
  readonly #task: Classification;
  readonly #topK: number | undefined;
  readonly #confusion: readonly number[][];
  #topKCorrect = 0;

  constructor({ output: { shape } }: Model, task: Classification, topK: number | undefined) {
    const [classes = 0] = shape;
    if (topK !== undefined) checkTopK(topK, classes);
    this.#task = task;
    this.#topK = topK;
    this.#confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  add(...[output, labels]: Parameters<Task['score']>): void {
    this.#task.confusion(this.#confusion, output, labels);
    if (this.#topK !== undefined) this.#topKCorrect += topKCount(output, classLabels(labels), this.#topK);
  }

  evaluation(
    count: number,
  ): Pick<ClassifierEvaluation, 'accuracy' | 'correct' | 'confusion' | 'topKAccuracy'> {
    const confusion = this.#confusion;
    const correct = confusion.reduce(
      (sum, row, k) => sum + defined(row[k], `the confusion of class ${k}`),
      0,
    );
    const result = { accuracy: correct / count, correct, confusion };
    return this.#topK === undefined ? result : { ...result, topKAccuracy: this.#topKCorrect / count };
  }
}

function checkTopK(topK: number, classes: number): void {
  if (Number.isInteger(topK) && topK >= 1 && topK <= classes) return;
  throw new DataError(
    'TOP_K',
    `evaluate: topK: expected an integer from 1 to ${classes}, the number of classes, got ${topK}`,
  );
}
