// Small networks for tasks other than classification with integer labels, and the options of their training.
import type { Model, Optimizer, Tensor, TrainerOptions } from '@isonet/core';
import {
  adamW,
  classification,
  conv2d,
  dense,
  flatten,
  float32,
  globalAvgPool2d,
  layerNorm,
  multiLabel,
  regression,
  sequential,
  sgd,
} from '@isonet/core';
import { units } from '../case/data.ts';

/** A network, its task, and how a step trains it. */
export interface TaskCase {
  readonly name: string;
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly options: Pick<TrainerOptions, 'task' | 'parameters' | 'clipNorm' | 'movingAverage'>;
  /** `-> [batch, ...]` */
  readonly labels: (batch: number) => Tensor;
}

/** `rows: [N, 12] -> [N, 3]`, with layer normalization between two dense layers. */
const perceptron: Model = {
  name: 'perceptron',
  input: { name: 'rows', shape: [12] },
  output: { name: 'numbers', shape: [3] },
  layer: sequential({
    body: sequential({ fc: dense(16, { activation: 'gelu' }), norm: layerNorm() }),
    head: dense(3),
  }),
};

/** `images: [N, 2, 7, 7] -> logits: [N, 4]`, with batch norm in its body. */
const images: Model = {
  name: 'pictures',
  input: { name: 'images', shape: [2, 7, 7] },
  output: { name: 'logits', shape: [4] },
  layer: sequential({
    body: conv2d(6, { kernel: 3, padding: 'same', batchNorm: true, activation: 'silu' }),
    neck: conv2d(8, { kernel: 3, batchNorm: true, activation: 'silu' }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
    head: dense(4),
  }),
};

/** `[batch, size]`; each row sums to 1. */
function probabilities(name: string, batch: number, size: number): Tensor {
  const drawn = units(name, [batch, size]);
  const rows = Array.from({ length: batch }, (_, row) => {
    const values = Array.from(drawn.subarray(row * size, (row + 1) * size));
    const sum = values.reduce((total, value) => total + value, 0);
    return values.map((value) => value / sum);
  });
  return float32([batch, size], rows.flat());
}

/** Each task uses training options that the others do not. */
export const taskCases: readonly TaskCase[] = [
  {
    name: 'regression-huber',
    model: perceptron,
    optimizer: adamW({ weightDecay: 0.01 }),
    options: {
      task: regression({ loss: 'huber', delta: 0.75 }),
      parameters: [
        { match: 'head', lrFactor: 4, weightDecay: 0 },
        { match: 'body.norm.*', lrFactor: 0.25 },
      ],
      clipNorm: 0.5,
      movingAverage: { decay: 0.9 },
    },
    labels: (batch) =>
      float32(
        [batch, 3],
        units('regression-huber labels', [batch, 3]).map((u) => 4 * u - 2),
      ),
  },
  {
    name: 'regression-absolute',
    model: perceptron,
    optimizer: sgd({ momentum: 0.9 }),
    options: { task: regression({ loss: 'meanAbsoluteError' }) },
    labels: (batch) => float32([batch, 3], units('regression-absolute labels', [batch, 3])),
  },
  {
    name: 'multi-label-frozen',
    model: images,
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    options: { task: multiLabel(), parameters: [{ match: 'body', frozen: true }] },
    labels: (batch) => float32([batch, 4], units('multi-label labels', [batch, 4]).map(Math.round)),
  },
  {
    name: 'soft-labels',
    model: images,
    optimizer: sgd(),
    options: {
      task: classification({ labelSmoothing: 0.1 }),
      parameters: [{ match: 'body', frozen: true, batchStatistics: 'updated' }],
    },
    labels: (batch) => probabilities('soft labels', batch, 4),
  },
];
