// The tasks of core: the labels they accept, their losses and metrics, and the labels they reject.
import type { Dataset, FitOptions, Task, Tensor, Tensors } from '@isonet/core';
import {
  classification,
  DataError,
  fit,
  float32,
  int32,
  multiLabel,
  regression,
  softmax,
  tensorDataset,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { biased, differences, evaluated, measured, near, trainerOf } from './outputs.ts';
import { data, options } from './tiny.ts';

const logits = [
  [0.5, -1, 2],
  [3, 1, 0],
];

describe('classification', () => {
  const hard = int32([2], [2, 1]);
  const oneHot = float32([2, 3], [0, 0, 1, 0, 1, 0]);

  it('computes the same bits for classes and for probabilities of 0 and 1', async () => {
    const task = classification();
    expect(await measured(task, logits, oneHot)).toEqual(await measured(task, logits, hard));
    const of = (labels: Tensor): Dataset => tensorDataset(float32([2, 3], logits.flat()), labels);
    expect(await evaluated(task, 3, of(oneHot))).toEqual(await evaluated(task, 3, of(hard)));
    const trained = async (soft: boolean, parts: Partial<FitOptions>): Promise<Tensors> => {
      const train: Dataset = {
        length: data.length,
        batch: (indices) => {
          const { inputs, labels } = data.batch(indices);
          const rows = Array.from(labels.data, (label) => [1 - label, label]).flat();
          return { inputs, labels: soft ? float32([indices.length, 2], rows) : labels };
        },
      };
      const { trainer, epochs } = await fit(await options({ epochs: 2, train, test: train, ...parts }));
      expect(epochs[1]?.testAccuracy).toBeDefined();
      return trainer.snapshot();
    };
    for (const parts of [{}, { microBatchSize: 3 }]) {
      expect(await trained(true, parts)).toEqual(await trained(false, parts));
    }
  });

  it('treats pre-smoothed labels like labelSmoothing', async () => {
    const smoothed = Array.from(oneHot.data, (target) => 0.9 * target + 0.1 / 3);
    const expected = await measured(classification({ labelSmoothing: 0.1 }), logits, hard);
    const actual = await measured(classification(), logits, float32([2, 3], smoothed));
    expect(actual.loss).toBeCloseTo(expected.loss, 6);
    expect(actual.gradient).toEqual(near(expected.gradient, 6));
    expect(actual.loss).not.toBeCloseTo((await measured(classification(), logits, hard)).loss, 3);
  });

  it('is softmax cross-entropy with any probabilities, and correct at the most probable class', async () => {
    const labels = float32([2, 3], [0.2, 0.5, 0.3, 0.6, 0.2, 0.2]);
    const byHand = logits.map((row, i) => {
      const targets = labels.data.subarray(i * 3, i * 3 + 3);
      return softmax(row).reduce((sum, p, k) => sum - (targets[k] ?? NaN) * Math.log(p), 0);
    });
    const mean = byHand.reduce((sum, loss) => sum + loss, 0) / 2;
    const { loss, gradient } = await measured(classification(), logits, labels);
    expect(loss).toBeCloseTo(mean, 7);
    const expected = logits.flatMap((row, i) =>
      softmax(row).map((p, k) => (p - (labels.data[i * 3 + k] ?? NaN)) / 2),
    );
    expect(gradient).toEqual(near(expected, 7));
    const evaluation = await evaluated(
      classification(),
      3,
      tensorDataset(float32([2, 3], logits.flat()), labels),
    );
    expect(evaluation).toMatchObject({ metrics: { accuracy: 0.5 }, accuracy: 0.5, correct: 1, count: 2 });
  });

  it.each<[string, Tensor, string, string]>([
    ['another type', float32([2], [2, 1]), 'LABELS', 'got float32 [2]'],
    ['another count', int32([3], [0, 1, 2]), 'LABELS', 'got int32 [3]'],
    [
      'too large a class',
      int32([2], [2, 3]),
      'LABEL',
      `label of sample 1 of the SET: expected a class in 0 .. 2, got 3; classes are counted from 0: subtract 1 from labels that start at 1`,
    ],
    [
      'a negative class',
      int32([2], [-1, 4]),
      'LABEL',
      `label of sample 0 of the SET: expected a class in 0 .. 2, got -1; classes are counted from 0: subtract 1 from labels that start at 1`,
    ],
    [
      'NaN',
      float32([2, 3], [0, 1, 0, 0, NaN, 2]),
      'LABEL',
      'label 1 of sample 1 of the SET: expected a probability from 0 to 1, got NaN',
    ],
    [
      'a probability above 1',
      float32([2, 3], [0, 0, 1, 0, 0, 1.5]),
      'LABEL',
      'label 2 of sample 1 of the SET: expected a probability from 0 to 1, got 1.5',
    ],
    [
      'a sum of a half',
      float32([2, 3], [0, 0, 1, 0.25, 0, 0.25]),
      'LABEL',
      'labels of sample 1 of the SET: expected probabilities that add up to 1, got a sum of 0.5',
    ],
  ])('rejects labels of %s, in steps and evaluation', async (_, labels, code, problem) => {
    const inputs = float32([2, 3], logits.flat());
    const trainer = await trainerOf(biased(3), classification());
    const dataset = { length: 2, batch: () => ({ inputs, labels }) };
    for (const [set, run] of [
      ['batch', () => trainer.step({ inputs, labels }, 0, 0.1)],
      ['batch', () => trainer.gradients({ inputs, labels }, { step: 0 })],
      ['dataset', () => evaluated(classification(), 3, dataset)],
    ] as const) {
      const error = await run().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DataError);
      expect(error).toMatchObject({ code });
      expect(String(error)).toContain(problem.replace('SET', set));
    }
  });

  it.each([-0.1, 1.5, NaN])('rejects a label smoothing of %d', (labelSmoothing) => {
    expect(() => classification({ labelSmoothing })).toThrow(
      `classification: labelSmoothing: expected a number from 0 to 1, got ${labelSmoothing}`,
    );
  });
});

describe('regression', () => {
  const squared = (d: number): number => d * d;
  const huber =
    (delta: number) =>
    (d: number): number =>
      Math.abs(d) <= delta ? (d * d) / 2 : delta * (Math.abs(d) - delta / 2);
  const outputs = [
    [0.5, -1, 2],
    [3, 1, 0],
  ];
  // d: -1.5, 0.25, 1, 3, -0.5, -1
  const labels = [2, -1.25, 1, 0, 1.5, 1];

  it.each<[string, Task, (d: number) => number]>([
    ['squared', regression(), squared],
    ['absolute', regression({ loss: 'meanAbsoluteError' }), Math.abs],
    ['Huber', regression({ loss: 'huber' }), huber(1)],
    ['Huber, delta 2.5', regression({ loss: 'huber', delta: 2.5 }), huber(2.5)],
  ])('%s is the mean over samples of the means over their values', async (_, task, of) => {
    const byHand = (values: readonly number[]): number =>
      values.reduce((sum, value, i) => sum + of(value - (labels[i] ?? NaN)) / 6, 0);
    const { loss, gradient } = await measured(task, outputs, float32([2, 3], labels));
    expect(loss).toBeCloseTo(byHand(outputs.flat()), 12);
    expect(gradient).toEqual(near(differences(outputs.flat(), byHand), 5));
  });

  it.each<[string, Task, readonly number[]]>([
    ['squared', regression(), [0, 0, 4, -4]],
    ['absolute', regression({ loss: 'meanAbsoluteError' }), [0, 0, 1, -1]],
    ['Huber at delta', regression({ loss: 'huber', delta: 2 }), [0, 0, 2, -2]],
  ])('%s has no gradient where the difference is 0', async (_, task, expected) => {
    const outputs4 = [[1, 0, 2, -2]];
    const { gradient } = await measured(task, outputs4, float32([1, 4], [1, 0, 0, 0]));
    expect(gradient.map((value) => value * 4 + 0)).toEqual(expected);
  });

  it('reports both metrics for any loss', async () => {
    const of = tensorDataset(float32([2, 3], outputs.flat()), float32([2, 3], labels));
    const { metrics, count } = await evaluated(regression({ loss: 'huber' }), 3, of, 1);
    const d = outputs.flat().map((value, i) => value - (labels[i] ?? NaN));
    const mean = (f: (d: number) => number): number => d.reduce((sum, value) => sum + f(value), 0) / 6;
    expect(metrics).toEqual({
      meanAbsoluteError: expect.closeTo(mean(Math.abs), 12) as number,
      meanSquaredError: expect.closeTo(mean(squared), 12) as number,
    });
    expect(count).toBe(2);
  });

  it.each([NaN, Infinity])('rejects a label of %d', async (bad) => {
    const trainer = await trainerOf(biased(3), regression());
    const batch = { inputs: float32([2, 3]), labels: float32([2, 3], [0, 0, 0, 0, bad, bad]) };
    await expect(trainer.step(batch, 0, 0.1)).rejects.toThrow(
      `regression: label 1 of sample 1 of the batch: expected a finite number, got ${bad}`,
    );
  });

  it('accepts float64 labels', async () => {
    const trainer = await trainerOf(biased(2), regression());
    const wide: Tensor = { dtype: 'float64', shape: [1, 2], data: Float64Array.of(1, 2) };
    const { loss, scores } = await trainer.gradients({ inputs: float32([1, 2]), labels: wide }, { step: 0 });
    expect([loss, scores['meanAbsoluteError']]).toEqual([2.5, { sum: 3, count: 2 }]);
  });

  it('rejects an unknown loss', () => {
    expect(() => regression({ loss: 'mse' as 'huber' })).toThrow(
      'regression: loss: expected one of meanSquaredError, meanAbsoluteError, huber, got "mse"',
    );
  });

  it('rejects an invalid delta', () => {
    for (const delta of [0, -1, NaN, Infinity]) {
      expect(() => regression({ loss: 'huber', delta })).toThrow(`delta: expected a number above 0, got`);
    }
    expect(() => regression({ delta: 1 })).toThrow(
      'only the loss huber accepts it, got 1 with meanSquaredError',
    );
  });
});

describe('multiLabel', () => {
  const outputs = [
    [0, 90, -90],
    [800, -800, 2],
  ];

  it('is the mean binary cross-entropy, at any logit', async () => {
    const labels = [1, 0.25, 0, 0, 1, 0.5];
    const byHand = outputs.flat().map((x, i) => {
      const t = labels[i] ?? NaN;
      return Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
    });
    const { loss, gradient } = await measured(multiLabel(), outputs, float32([2, 3], labels));
    expect(loss).toBeCloseTo(byHand.reduce((sum, value) => sum + value, 0) / 6, 10);
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const expected = outputs.flat().map((x, i) => (sigmoid(x) - (labels[i] ?? NaN)) / 6);
    expect(gradient).toEqual(near(expected, 10));
  });

  it('counts correct labels, and samples whose labels are all correct', async () => {
    const of = tensorDataset(float32([2, 3], outputs.flat()), float32([2, 3], [0, 1, 0, 1, 1, 1]));
    const { metrics } = await evaluated(multiLabel(), 3, of);
    expect(metrics).toEqual({ accuracy: 5 / 6, exactMatch: 1 / 2 });
  });

  it('rejects a label that is not a probability', async () => {
    const trainer = await trainerOf(biased(3), multiLabel());
    const batch = { inputs: float32([2, 3]), labels: float32([2, 3], [0, 1, -0.5, 0, 0, 0]) };
    await expect(trainer.step(batch, 0, 0.1)).rejects.toThrow(
      'multiLabel: label 2 of sample 0 of the batch: expected a number from 0 to 1, got -0.5',
    );
  });
});
