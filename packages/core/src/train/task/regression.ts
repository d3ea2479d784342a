// Regression: the network predicts the values of the labels.
import { checkOptions } from '../../arguments/check.ts';
import type { Form, Forms } from '../../arguments/forms.ts';
import { oneOf, optional, ranges } from '../../arguments/forms.ts';
import { DataError, ShapeError } from '../../errors.ts';
import type { Value } from '../../graph/value.ts';
import type { Build } from '../../ops/definition.ts';
import { dimOf, sizeOf, typeText } from '../../tensor.ts';
import type { Tensor } from '../../tensor.ts';
import type { Scores, Task } from './task.ts';
import { checkEach, finiteRows } from './task.ts';

const LOSSES = ['meanSquaredError', 'meanAbsoluteError', 'huber'] as const;

/** Options of {@link regression}. */
export interface RegressionOptions {
  /**
   * The loss as a function of the differences d, averaged over a sample's values:
   * - `meanSquaredError` (the default): d²
   * - `meanAbsoluteError`: |d|
   * - `huber`: d² / 2 up to `delta`, delta (|d| - delta / 2) beyond (Huber 1964)
   */
  readonly loss?: (typeof LOSSES)[number];
  /** With `huber`: the difference at which the loss changes from squared to linear, in the unit of the labels. Default 1. */
  readonly delta?: number;
}

const OPTIONS: Forms<RegressionOptions> = { loss: optional(oneOf(LOSSES)), delta: optional(ranges.above0) };

const FINITE: Form = { text: 'a finite number', fits: Number.isFinite };

/**
 * Regression on numeric labels, with the metrics `meanAbsoluteError` and `meanSquaredError`. The labels are float32 with the
 * shape of the output, `[N, ...]`.
 * @throws DataError `OPTION` for an unknown loss, or if delta is not above 0 or is given without `huber`
 */
export function regression(options: RegressionOptions = {}): Task<'meanAbsoluteError' | 'meanSquaredError'> {
  checkOptions('regression', options, OPTIONS);
  const { loss = 'meanSquaredError', delta } = options;
  if (delta !== undefined && loss !== 'huber') {
    throw new DataError(
      'OPTION',
      `regression: delta: only the loss huber accepts it, got ${delta} with ${loss}; omit delta`,
    );
  }
  return {
    name: 'regression',
    targets: (output) => {
      if (output.shape.length < 2) {
        throw new ShapeError(
          `regression: expected an output [N, ...], got ${typeText(output)} from the network`,
        );
      }
      return [{ dtype: 'float32', shape: output.shape }];
    },
    check: (labels, _, origins) => checkEach('regression', labels, FINITE, origins),
    losses: (b, output, labels) => {
      const d = b.op.sub(output, labels);
      if (loss === 'meanSquaredError') return sampleMeans(b, b.op.mul(d, d));
      return sampleMeans(b, loss === 'huber' ? huber(b, d, delta ?? 1) : absolute(b, d));
    },
    score: differences,
  };
}

/** Returns |d| = max(0, d) - min(0, d). Ties send their gradient to the zeros, so the gradient is 0 where d is 0. */
function absolute(b: Build, d: Value): Value {
  const zeros = b.fill(0, d.shape);
  return b.op.sub(b.op.max(zeros, d), b.op.min(zeros, d));
}

/** Returns the Huber loss. With c = min(|d|, delta), both branches are c (|d| - c / 2). */
function huber(b: Build, d: Value, delta: number): Value {
  const size = absolute(b, d);
  const c = b.op.min(size, b.fill(delta, d.shape));
  return b.op.mul(c, b.op.sub(size, b.op.mul(c, b.fill(0.5, d.shape))));
}

/** Returns the mean of each sample's values. `[N, ...] -> [N]` */
export function sampleMeans(b: Build, x: Value): Value {
  const n = dimOf(x.shape, 0);
  const size = sizeOf(x.shape) / n;
  const sums = b.op.reduceSum(b.op.reshape(x, { shape: [n, size] }), { axes: [1] });
  return b.op.div(b.op.reshape(sums, { shape: [n] }), b.fill(size, [n]));
}

function differences(
  output: Tensor,
  labels: Tensor,
  origins?: Uint32Array,
): Scores<'meanAbsoluteError' | 'meanSquaredError'> {
  const rows = finiteRows(output, origins);
  const size = labels.data.length / rows.length;
  let [absolutes, squares] = [0, 0];
  rows.forEach((row, sample) => {
    row.forEach((value, i) => {
      const d = value - labels.data[sample * size + i]!;
      absolutes += Math.abs(d);
      squares += d * d;
    });
  });
  const count = labels.data.length;
  return { meanAbsoluteError: { sum: absolutes, count }, meanSquaredError: { sum: squares, count } };
}
