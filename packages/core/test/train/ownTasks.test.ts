// Custom tasks, and behavior common to all tasks: auxiliary outputs, scores, evaluation, prediction.
import type { Dataset, Layer, Model, Task, Tensor } from '@isonet/core';
import {
  accumulate,
  addScores,
  classification,
  DataError,
  evaluate,
  fit,
  float32,
  gradients,
  GraphError,
  int32,
  metricsOf,
  multiLabel,
  NonFiniteError,
  Predictor,
  regression,
  sgd,
  step,
  tensorDataset,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { bare, biased, evaluated, measured, near, numbers, shifted, trainerOf } from './outputs.ts';
import { data, firstImages, options } from './tiny.ts';

/** A task whose loss is the first output times the label; the metric `sum` adds the outputs. */
const own: Task = {
  name: 'own',
  targets: ({ shape: [n = 0] }) => [{ dtype: 'float32', shape: [n, 1] }],
  check: () => undefined,
  losses: (b, output, labels) => {
    const n = output.shape[0] ?? 0;
    const first = b.op.slice(output, { starts: [0, 0], sizes: [n, 1] });
    return b.op.reshape(b.op.mul(first, labels), { shape: [n] });
  },
  score: (output, labels) => ({
    sum: { sum: Array.from<number>(output.data).reduce((a, b) => a + b), count: labels.shape[0] ?? 0 },
  }),
};

/**
 * A task that couples the samples of a batch: the loss of a sample is the squared distance of its loss in `own` from
 * the batch mean.
 */
const coupled: Task = {
  ...own,
  name: 'coupled',
  losses: (b, output, labels) => {
    const n = output.shape[0] ?? 0;
    const single = own.losses(b, output, labels);
    const sum = b.op.reduceSum(single, { axes: [0] });
    const mean = b.op.broadcast(b.op.mul(sum, b.fill(1 / n, [1])), { shape: [n] });
    const d = b.op.sub(single, mean);
    return b.op.mul(d, d);
  },
};

describe('a custom task', () => {
  const inputs = float32([2, 2], [1, 2, 3, 4]);
  const labels = float32([2, 1], [2, -1]);

  it('trains and evaluates with its functions', async () => {
    const { loss, gradient } = await measured(
      own,
      [
        [1, 2],
        [3, 4],
      ],
      labels,
    );
    expect([loss, gradient]).toEqual([(2 - 3) / 2, [1, 0, -0.5, 0]]);
    const evaluation = await evaluated(own, 2, tensorDataset(inputs, labels), 1);
    expect(evaluation).toEqual({ loss: -0.5, metrics: { sum: 5 }, count: 2 });
    const trainer = await trainerOf(biased(2), own);
    const result = await (await trainer.step({ inputs, labels }, 0, 1))();
    expect(result).toEqual({ loss: -0.5, count: 2, scores: { sum: { sum: 10, count: 2 } } });
    expect(numbers(await trainer.weights(), 'bias')).toEqual([-0.5, 0]);
  });

  it('has its metrics in reports', async () => {
    const regress: Task = regression();
    const train: Dataset = {
      length: data.length,
      batch: (indices) => {
        const { inputs: images, labels: classes } = data.batch(indices);
        const rows = Array.from(classes.data, (label) => [1 - label, label]).flat();
        return { inputs: images, labels: float32([indices.length, 2], rows) };
      },
    };
    const given = await options({ task: regress, train, test: train, validation: train, epochs: 1 });
    const { epochs, trainer } = await fit(given);
    const { loss, metrics } = await evaluate({ ...given, state: trainer.state, data: train, batchSize: 256 });
    expect(epochs).toHaveLength(1);
    const [report] = epochs;
    expect(report).toMatchObject({
      testLoss: loss,
      testMetrics: metrics,
      validationLoss: loss,
      validationMetrics: metrics,
    });
    expect(Object.keys(metrics)).toEqual(['meanAbsoluteError', 'meanSquaredError']);
    expect(Object.keys(report?.metrics ?? {})).toEqual(['meanAbsoluteError', 'meanSquaredError']);
    // Here the loss is also one of the metrics.
    expect(report?.loss).toBeCloseTo(report?.metrics['meanSquaredError'] ?? NaN, 6);
    for (const name of ['trainAccuracy', 'testAccuracy', 'validationAccuracy']) {
      expect(report).not.toHaveProperty(name);
    }
  });

  it('is rejected if its loss is not one number per sample', () => {
    const task: Task = { ...own, losses: (_, output) => output };
    expect(() => gradients(shifted(2, 2), 2, { task })).toThrow(GraphError);
    expect(() => gradients(shifted(2, 2), 2, { task })).toThrow(
      'task "own": expected losses float32 [2], one per sample, got float32 [2, 2]',
    );
  });

  it('is rejected if it couples samples without declaring it', async () => {
    const problem =
      'the loss of a sample depends on the other samples of its batch; set couplesSamples to true';
    expect(() => gradients(shifted(2, 2), 2, { task: coupled })).toThrow(GraphError);
    expect(() => step(shifted(2, 2), 2, sgd(), { task: coupled })).toThrow(problem);
    // The check does not depend on the batch size: it also rejects a batch of one sample.
    expect(() => gradients(shifted(1, 2), 1, { task: coupled })).toThrow(problem);
    await expect(evaluated(coupled, 2, tensorDataset(inputs, labels))).rejects.toThrow(problem);
  });

  it('that declares coupling trains on whole batches, but not in parts', async () => {
    const task: Task = { ...coupled, couplesSamples: true };
    const trainer = await trainerOf(biased(2), task);
    const { loss } = await (await trainer.step({ inputs, labels }, 0, 1))();
    expect(loss).toBeCloseTo(2.5 ** 2, 12);
    expect(() => accumulate(shifted(1, 2), 1, { task })).toThrow(DataError);
    await expect(trainerOf(biased(2), task, 1)).rejects.toThrow(
      'task "coupled": its loss couples the samples of a batch, which cannot be computed in parts',
    );
  });
});

describe('auxiliary outputs', () => {
  it('add the weighted losses of any task', async () => {
    const side: Layer = (scope, x) => {
      scope.auxiliary(scope.op.mul(x, scope.fill(2, x.shape)), 0.25);
      return x;
    };
    const labels = float32([1, 2], [1, -1]);
    const { loss, gradient } = await measured(regression(), [[3, 0]], labels, side);
    // Squared differences: 4, 1 and, for the doubled output, 25, 1.
    expect(loss).toBeCloseTo(5 / 2 + 0.25 * (26 / 2), 12);
    // d/dx: 2 d / 2, and twice that for the doubled output.
    expect(gradient).toEqual(near([2 + 0.25 * 2 * 5, 1 + 0.25 * 2 * 1], 12));
  });
});

describe('an auxiliary output of another shape', () => {
  it('is rejected, because labels beyond its classes would count as no class', () => {
    const side: Layer = (scope, x) => {
      scope.auxiliary(scope.op.slice(x, { starts: [0, 0], sizes: [2, 2] }), 0.25);
      return x;
    };
    expect(() => gradients(shifted(2, 3, side), 2)).toThrow(
      'layer "": expected an auxiliary output float32 [2, 3], like the main output, got float32 [2, 2]',
    );
  });
});

describe('scores', () => {
  it('of parts add up to those of the whole batch', async () => {
    const parts = await Promise.all(
      [undefined, 3].map(async (microBatchSize) => {
        const given = await options(microBatchSize === undefined ? {} : { microBatchSize });
        const { trainer } = await fit({ ...given, epochs: 0 });
        return (await trainer.step(firstImages(10), 0, 0.1))();
      }),
    );
    const [whole, parted] = parts;
    expect(parted?.scores).toEqual(whole?.scores);
    expect(whole?.scores).toEqual({ accuracy: { sum: expect.any(Number) as number, count: 10 } });
  });

  it('add up by name', () => {
    const sum = addScores({ a: { sum: 1, count: 2 } }, { a: { sum: 2, count: 2 }, b: { sum: 0, count: 1 } });
    expect(sum).toEqual({ a: { sum: 3, count: 4 }, b: { sum: 0, count: 1 } });
    expect(metricsOf(sum)).toEqual({ a: 0.75, b: 0 });
  });
});

describe('evaluate', () => {
  it('supports topK only for classifications', async () => {
    const device = await reference.open();
    const state = await device.createState({});
    const of = tensorDataset(float32([1, 2]), float32([1, 2]));
    const run = evaluate({ model: bare(2), device, state, data: of, task: regression(), topK: 2 });
    await expect(run).rejects.toThrow('evaluate: topK: the task regression has no classes; omit topK');
  });

  it.each([NaN, Infinity, -Infinity])('rejects an output of %d', async (bad) => {
    const inputs = float32([3, 3], [1, 2, 3, 4, 5, 6, 7, bad, 9]);
    for (const [task, labels] of [
      [classification(), int32([3], [0, 0, 0])],
      [regression(), float32([3, 3])],
      [multiLabel(), float32([3, 3])],
      [{ ...own, score: () => ({}) }, float32([3, 1], [0, 0, bad])],
    ] as const) {
      const run = evaluated(task, 3, { length: 3, batch: () => ({ inputs, labels }) }, 3);
      await expect(run, task.name).rejects.toThrow(NonFiniteError);
    }
    const labels = int32([3], [0, 0, 0]);
    const run = evaluated(classification(), 3, { length: 3, batch: () => ({ inputs, labels }) }, 3);
    await expect(run).rejects.toThrow(`the network's output for sample 2 of the dataset contains ${bad}`);
  });

  it('rejects data without samples', async () => {
    const empty: Dataset = { length: 0, batch: () => ({ inputs: float32([0, 3]), labels: int32([0], []) }) };
    const run = evaluated(classification(), 3, empty);
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow('evaluate: data: expected at least one sample, got none');
    for (const name of ['train', 'test', 'validation']) {
      const trained = fit(await options({ [name]: empty }));
      await expect(trained).rejects.toThrow(`fit: ${name}: expected at least one sample, got none`);
    }
  });
});

describe('Predictor', () => {
  it('computes the loss of each sample with its task', async () => {
    const device = await reference.open();
    const state = await device.createState({});
    const inputs = float32([2, 2], [3, 4, 0, 1]);
    const lossesOf = async (labels: Tensor, task?: Task): Promise<number[]> => {
      const more = task ? { task } : {};
      await using predictor = new Predictor({ model: bare(2), device, state, ...more });
      const first = await predictor.losses({ inputs, labels });
      expect(first.output.data).toEqual(Float64Array.from(inputs.data));
      expect(await predictor.losses({ inputs, labels })).toEqual(first);
      return Array.from<number>(first.losses.data);
    };
    expect(await lossesOf(float32([2, 2]), regression())).toEqual([12.5, 0.5]);
    expect(await lossesOf(float32([2, 2]), regression({ loss: 'huber' }))).toEqual([3, 0.25]);
    const loss = Math.log(1 + Math.exp(1));
    const expected = expect.closeTo(loss, 12) as unknown;
    expect(await lossesOf(int32([2], [0, 0]))).toEqual([expected, expected]);
  });
});

describe('a network whose output does not fit the task', () => {
  it('is rejected', async () => {
    const square: Model = {
      name: 'square',
      input: { name: 'x', shape: [2, 2] },
      output: { name: 'y', shape: [2, 2] },
      layer: (_, x) => x,
    };
    for (const task of [classification(), multiLabel()]) {
      expect(() => gradients(square, 1, { task })).toThrow(
        'expected logits [N, K], got float32 [1, 2, 2] from the network',
      );
    }
  });
});
