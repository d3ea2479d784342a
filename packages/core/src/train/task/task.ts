// What a network is trained for: its labels, its loss, and what is counted of its outputs.
import type { Form } from '../../arguments/forms.ts';
import { asFloat32, isHeldAs } from '../../backend/feeds.ts';
import { DataError, GraphError, NonFiniteError } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/value.ts';
import type { Build } from '../../ops/definition.ts';
import { batchOf } from '../../passes/batch.ts';
import type { Tensor, TensorType } from '../../tensor.ts';
import { dimOf, sameShape, shapeText, sizeOf, typeText } from '../../tensor.ts';

/** A metric over some samples: its mean is `sum / count`, so that parts of a batch and batches of an epoch add up. */
export interface Score {
  readonly sum: number;
  readonly count: number;
}

/** By the name of the metric. */
export type Scores<Metric extends string = string> = Readonly<Record<Metric, Score>>;

/** Means by the name of the metric. */
export type Metrics<Metric extends string = string> = Readonly<Record<Metric, number>>;

/**
 * What a network is trained for. `classification`, `regression` and `multiLabel` are tasks.
 * @template Metric the names of its metrics
 */
export interface Task<Metric extends string = string> {
  /** For messages and reports. */
  readonly name: string;
  /**
   * The types that labels may have, the usual one first. `output: [N, ...] -> [N, ...], ...`
   * @throws ShapeError when the network's output is not what the task needs
   */
  targets(output: TensorType): readonly [TensorType, ...TensorType[]];
  /**
   * Checks the labels of a batch, whose type is one of {@link Task.targets}.
   * @param origins which samples of the data they belong to, where that is known: `Batch.origins`
   * @throws DataError `LABEL` naming the first invalid label, its sample and its value
   */
  check(labels: Tensor, output: TensorType, origins?: Uint32Array): void;
  /** The loss of each sample. `output: [N, ...], labels: [N, ...] -> [N]` */
  losses(b: Build, output: Value, labels: Value): Value;
  /**
   * The metrics of a batch beside its loss, counted on the host. `output: [N, ...], labels: [N, ...]`
   * @param origins as for {@link Task.check}
   */
  score(output: Tensor, labels: Tensor, origins?: Uint32Array): Scores<Metric>;
  /**
   * Whether a sample's loss depends on the other samples of its batch (contrastive losses, say). Such a loss cannot be
   * computed in parts. Default false; a loss that couples samples without saying so is refused.
   */
  readonly couplesSamples?: boolean;
}

/**
 * Checks that labels fit a task.
 * @param output the type of the network's output for these samples
 * @param origins which samples of the data they belong to, where that is known
 * @returns their type among the task's; float64 is taken for float32
 * @throws DataError `LABELS` when there is none; `LABEL` for an invalid one
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
 * The losses of a task, checked. `output: [N, ...], labels: [N, ...] -> [N]`
 * @throws GraphError when they are not one number per sample, or couple samples though the task does not say so
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

/** The losses alone, in a graph of their own, tell which samples each depends on. */
function checkCoupling(task: Task, output: TensorType, labels: TensorType): void {
  if (task.couplesSamples === true) return;
  const b = new GraphBuilder(`${task.name}.losses`);
  const values = [b.input('output', output), b.input('labels', labels)] as const;
  const losses = perSample(task, values[0], task.losses(b, ...values));
  b.output('losses', losses);
  const coupling = batchOf(b.build(), { output: 0, labels: 0 })(losses.id);
  if (coupling === 'none' || (typeof coupling === 'object' && coupling.axis === 0)) return;
  throw new GraphError(
    `task "${task.name}": the loss of a sample depends on the other samples of its batch: set couplesSamples to true`,
  );
}

/** Sums of both, metric by metric. */
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

/** The means. */
export function metricsOf(scores: Scores): Metrics {
  return Object.fromEntries(Object.entries(scores).map(([name, { sum, count }]) => [name, sum / count]));
}

/**
 * The outputs of a batch, as float32, each row a sample's. `output: [N, ...]`
 * @param origins which samples of the data they are of, where that is known
 * @throws NonFiniteError naming the first sample whose output holds NaN or an infinity: no class or number follows from it
 */
export function finiteRows(output: Tensor, origins?: Uint32Array): readonly Float32Array[] {
  const values = asFloat32(output);
  const size = sizeOf(output.shape.slice(1));
  return Array.from({ length: dimOf(output.shape, 0) }, (_, sample) => {
    const row = values.subarray(sample * size, (sample + 1) * size);
    const bad = row.find((value) => !Number.isFinite(value));
    if (bad === undefined) return row;
    throw new NonFiniteError(
      `the network's output for ${sampleText(sample, origins)} holds ${bad}: its weights or this input are not finite, or too large`,
    );
  });
}

/** Names a sample for a message: `sample 57 of the dataset`; by its place where no more is known. */
export function sampleText(place: number, origins: Uint32Array | undefined): string {
  const origin = origins?.[place];
  return origin === undefined ? `sample ${place} of the batch` : `sample ${origin} of the dataset`;
}

/** @throws DataError `LABEL` naming the first label of another form, its sample and its value */
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
