// A model whose training can be computed by hand: the labels determine its loss, and the amounts by which its bias
// moves.
import type { Dataset, FitOptions, Model, Task } from '@isonet/core';
import { constant, dimOf, float32, sgd } from '@isonet/core';
import { options } from './tiny.ts';

/** y = x + bias, with a bias of two values. */
export const model: Model = {
  name: 'line',
  input: { name: 'x', shape: [2] },
  output: { name: 'y', shape: [2] },
  layer: (scope, x) => scope.op.biasAdd(x, scope.parameter('bias', [2], 'bias')),
};

/**
 * Labels `[base, pull]`: a sample's loss is `base + pull * (the sum of its outputs)`, so its gradient is the pull. The metric
 * `base` is the mean of the bases.
 */
export const task: Task = {
  name: 'base',
  targets: ({ shape }) => [{ dtype: 'float32', shape: [dimOf(shape, 0), 2] }],
  check: () => undefined,
  losses: (b, output, labels) => {
    const n = dimOf(output.shape, 0);
    const column = (i: number): typeof labels => b.op.slice(labels, { starts: [0, i], sizes: [n, 1] });
    const sums = b.op.reduceSum(output, { axes: [1] });
    const all = b.op.add(column(0), b.op.mul(column(1), b.op.reshape(sums, { shape: [n, 1] })));
    return b.op.reshape(all, { shape: [n] });
  },
  score: (_, labels) => {
    const base = Array.from<number>(labels.data).filter((__, i) => i % 2 === 0);
    return { base: { sum: base.reduce((a, b) => a + b, 0), count: base.length } };
  },
};

/** Four samples that pull by 1, 2, 4 and 8. */
export const train: Dataset = {
  length: 4,
  batch: (indices) => ({
    inputs: float32([indices.length, 2]),
    labels: float32([indices.length, 2], Array.from(indices, (index) => [0, 2 ** index]).flat()),
  }),
};

/** Creates a dataset of one sample. Each request for it returns labels that yield the next of these losses. */
export function datasetWithLosses(values: readonly number[], from: number = 0): Dataset {
  let next = from;
  return {
    length: 1,
    batch: () => ({ inputs: float32([1, 2]), labels: float32([1, 2], [values[next++] ?? NaN, 0]) }),
  };
}

/** Returns the options of a run with two steps per epoch. */
export function lineOptions(changes: Partial<FitOptions> = {}): Promise<FitOptions> {
  return options({
    model,
    task,
    train,
    test: train,
    batchSize: 2,
    optimizer: sgd({ momentum: 0.5 }),
    schedule: constant(0.25),
    ...changes,
  });
}
