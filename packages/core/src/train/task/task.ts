// The task of a network: its labels, its loss and its metrics.
import type { Form } from '../../arguments/forms.ts';
import { asFloat32, isHeldAs } from '../../backend/feeds.ts';
import { DataError, GraphError, NonFiniteError } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/value.ts';
import type { Build } from '../../ops/definition.ts';
import { batchOf } from '../../passes/batch.ts';
import type { Tensor, TensorType } from '../../tensor.ts';
import { dimOf, sameShape, shapeText, sizeOf, typeText } from '../../tensor.ts';

/**
 * A metric over a set of samples, stored as a sum and a count, so that scores of batches and of their parts
 * can be added. Its mean is `sum / count`.
 */
export interface Score {
  readonly sum: number;
  readonly count: number;
}

/** Scores by metric name. */
export type Scores<Metric extends string = string> = Readonly<Record<Metric, Score>>;

/** Means by metric name. */
export type Metrics<Metric extends string = string> = Readonly<Record<Metric, number>>;

/**
 * The task that a network is trained for: `classification`, `regression`, `multiLabel` or your own.
 * @template Metric the names of its metrics
 */
export interface Task<Metric extends string = string> {
  /** The name of the task, for messages and reports. */
  readonly name: string;
  /**
   * Returns the accepted label types, the usual one first. `output: [N, ...] -> [N, ...], ...`
   * @throws ShapeError if the network's output does not fit the task
   */
  targets(output: TensorType): readonly [TensorType, ...TensorType[]];
  /**
   * Checks the labels of a batch, whose type is one of {@link Task.targets}.
   * @param origins the original indices of the samples, if known: `Batch.origins`
   * @throws DataError `LABEL` naming the first invalid label, its sample and its value
   */
  check(labels: Tensor, output: TensorType, origins?: Uint32Array): void;
  /** Builds the loss of each sample. `output: [N, ...], labels: [N, ...] -> [N]` */
  losses(b: Build, output: Value, labels: Value): Value;
  /**
   * Computes the metrics of a batch, other than its loss, on the host. `output: [N, ...], labels: [N, ...]`
   * @param origins as in {@link Task.check}
   */
  score(output: Tensor, labels: Tensor, origins?: Uint32Array): Scores<Metric>;
  /**
   * Set this to true if a sample's loss depends on the other samples of its batch (e.g. contrastive losses). Such a loss cannot
   * be computed in parts. Default false; a loss that couples samples without declaring it is rejected.
   */
  readonly couplesSamples?: boolean;
}

/**
 * Checks that labels fit a task.
 * @param output the type of the network's output for these samples
 * @param origins the original indices of the samples, if known
 * @returns the matching label type of the task; float64 counts as float32
 * @throws DataError `LABELS` if no type matches; `LABEL` for an invalid label
 */
export function checkLabels(
  task: Task,
  labels: Tensor,
  output: TensorType,
  origins?: Uint32Array,
): TensorType {
  const types = task.targets(output);
  const type = types.find((target) => isHeldAs(labels, target));
  if (!type) {
    throw new DataError(
      'LABELS',
      `${task.name}: expected labels ${types.map(typeText).join(' or ')}, got ${typeText(labels)}`,
    );
  }
  task.check(labels, output, origins);
  return type;
}

/**
 * Builds the losses of a task and checks them. `output: [N, ...], labels: [N, ...] -> [N]`
 * @throws GraphError if there is not one number per sample, or if they couple samples without declaring it
 */
export function lossesOf(task: Task, b: Build, output: Value, labels: Value): Value {
  checkCoupling(task, output, labels);
  return perSample(task, output, task.losses(b, output, labels));
}

function perSample(task: Task, output: Value, losses: Value): Value {
  const shape = [dimOf(output.shape, 0)];
  if (losses.dtype === 'float32' && sameShape(losses.shape, shape)) return losses;
  throw new GraphError(
    `task "${task.name}": expected losses float32 ${shapeText(shape)}, one per sample, got ${typeText(losses)}`,
  );
}

/** Checks, in a separate graph of the losses only, which samples each loss depends on. */
function checkCoupling(task: Task, output: TensorType, labels: TensorType): void {
  if (task.couplesSamples === true) return;
  const b = new GraphBuilder(`${task.name}.losses`);
  const values = [b.input('output', output), b.input('labels', labels)] as const;
  const losses = perSample(task, values[0], task.losses(b, ...values));
  b.output('losses', losses);
  const coupling = batchOf(b.build(), { output: 0, labels: 0 })(losses.id);
  if (coupling === 'none' || (typeof coupling === 'object' && coupling.axis === 0)) return;
  throw new GraphError(
    `task "${task.name}": the loss of a sample depends on the other samples of its batch; set couplesSamples to true`,
  );
}

/** Adds two sets of scores, metric by metric. */
export function addScores(a: Scores, b: Scores): Scores {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [first, second] = [a[name], b[name]];
      const sum = (first?.sum ?? 0) + (second?.sum ?? 0);
      return [name, { sum, count: (first?.count ?? 0) + (second?.count ?? 0) }];
    }),
  );
}

/** Returns the mean of each score. */
export function metricsOf(scores: Scores): Metrics {
  return Object.fromEntries(Object.entries(scores).map(([name, { sum, count }]) => [name, sum / count]));
}

/**
 * Returns the outputs of a batch as float32, one row per sample. `output: [N, ...]`
 * @param origins the original indices of the samples, if known
 * @throws NonFiniteError naming the first sample whose output contains NaN or an infinity
 */
export function finiteRows(output: Tensor, origins?: Uint32Array): readonly Float32Array[] {
  const values = asFloat32(output);
  const size = sizeOf(output.shape.slice(1));
  return Array.from({ length: dimOf(output.shape, 0) }, (_, sample) => {
    const row = values.subarray(sample * size, (sample + 1) * size);
    const bad = row.find((value) => !Number.isFinite(value));
    if (bad === undefined) return row;
    throw new NonFiniteError(
      `the network's output for ${sampleText(sample, origins)} contains ${bad}; check that the weights and this input are finite and not too large`,
    );
  });
}

/** Names a sample for a message: `sample 57 of the dataset`, or by its position in the batch if the origin is unknown. */
export function sampleText(place: number, origins: Uint32Array | undefined): string {
  const origin = origins?.[place];
  return origin === undefined ? `sample ${place} of the batch` : `sample ${origin} of the dataset`;
}

/** @throws DataError `LABEL` naming the first invalid label, its sample and its value */
export function checkEach(
  task: string,
  labels: Tensor,
  { text, hint, fits }: Form,
  origins: Uint32Array | undefined,
): void {
  const values: ArrayLike<number> = labels.data;
  const size = sizeOf(labels.shape.slice(1));
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (fits(value)) continue;
    const label = labels.shape.length === 1 ? 'label' : `label ${i % size}`;
    const fix = hint === undefined ? '' : `; ${hint}`;
    throw new DataError(
      'LABEL',
      `${task}: ${label} of ${sampleText(Math.floor(i / size), origins)}: expected ${text}, got ${value}${fix}`,
    );
  }
}
