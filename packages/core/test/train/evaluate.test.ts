// Evaluation of a model whose logits are the pixels, so that every count can be read from the data.
import type { Dataset, EvaluateOptions, Model } from '@isonet/core';
import {
  DataError,
  evaluate,
  flatten,
  float32,
  globalAvgPool2d,
  inferenceBatchSize,
  int32,
  multiLabel,
  Predictor,
  regression,
  sequential,
  tensorDataset,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';

const model: Model = {
  name: 'm',
  input: { name: 'images', shape: [3, 1, 1] },
  output: { name: 'logits', shape: [3] },
  layer: sequential({ flatten: flatten() }),
};

const globalAverage = sequential({ gap: globalAvgPool2d(), flatten: flatten() });

const samples: readonly { readonly label: number; readonly logits: readonly number[] }[] = [
  { label: 0, logits: [4, 1, 2] },
  { label: 0, logits: [1, 4, 2] },
  { label: 1, logits: [1, 4, 2] },
  { label: 2, logits: [4, 1, 2] },
  { label: 2, logits: [1, 4, 4] },
];

const data: Dataset = {
  length: samples.length,
  batch: (indices) => {
    const picked = Array.from(indices).flatMap((index) => samples[index] ?? []);
    const pixels = picked.flatMap(({ logits }) => logits);
    return {
      inputs: float32([indices.length, 3, 1, 1], pixels),
      labels: int32(
        [indices.length],
        picked.map(({ label }) => label),
      ),
    };
  },
};

it.each([
  [[3], 256],
  [[1, 96, 96], 256],
  [[3, 32, 32], 256],
  [[3, 224, 224], 32],
  [[3, 299, 299], 16],
  [[3, 4096, 4096], 1],
])('evaluates samples of %j in batches of %i, so that large ones fit in memory', (shape, size) => {
  expect(inferenceBatchSize({ input: { name: 'images', shape } })).toBe(size);
});

it('uses that batch size by default', async () => {
  const side = 2 ** 11;
  const large: Model = {
    ...model,
    input: { name: 'images', shape: [1, side, side] },
    output: { name: 'l', shape: [1] },
    layer: globalAverage,
  };
  const asked: number[] = [];
  const batch = (indices: ArrayLike<number>): ReturnType<Dataset['batch']> => {
    asked.push(indices.length);
    return {
      inputs: float32([indices.length, 1, side, side], new Float32Array(indices.length * side * side)),
      labels: int32([indices.length], new Int32Array(indices.length)),
    };
  };
  await evaluate({ ...(await options()), model: large, data: { length: 3, batch } });
  expect(asked).toEqual([2, 1]);
});

type Options = Omit<EvaluateOptions, 'task'>;

async function options(changes: Partial<Options> = {}): Promise<Options> {
  const device = await reference.open();
  return { model, device, state: await device.createState({}), data, batchSize: 2, ...changes };
}

describe('evaluate', () => {
  it('computes the confusion matrix', async () => {
    const evaluation = await evaluate(await options());
    const loss = samples.map(({ label, logits }) => {
      const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
      return Math.log(total) - (logits[label] ?? NaN);
    });
    expect(evaluation).toEqual({
      loss: expect.closeTo(loss.reduce((sum, value) => sum + value, 0) / 5, 12) as number,
      metrics: { accuracy: 2 / 5 },
      accuracy: 2 / 5,
      correct: 2,
      count: 5,
      confusion: [
        [1, 1, 0],
        [0, 1, 0],
        [1, 1, 0],
      ],
    });
  });

  it('computes the top-k accuracy with topK', async () => {
    const among = async (topK: number): Promise<number | undefined> =>
      (await evaluate(await options({ topK }))).topKAccuracy;
    expect(await Promise.all([1, 2, 3].map(among))).toEqual([2 / 5, 4 / 5, 1]);
  });

  it.each([0, 4, 1.5, NaN])('rejects a topK of %d, and a label that is not a class', async (topK) => {
    const run = evaluate(await options({ topK }));
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow(
      `evaluate: topK: expected an integer from 1 to 3, the number of classes, got ${topK}`,
    );
    const wrong: Dataset = {
      length: 1,
      batch: () => ({ inputs: float32([1, 3, 1, 1]), labels: int32([1], [3]) }),
    };
    await expect(evaluate(await options({ data: wrong }))).rejects.toThrow(
      'classification: label of sample 0 of the dataset: expected a class in 0 .. 2, got 3; classes are counted from 0: subtract 1 from labels that start at 1',
    );
  });

  it('types the metrics of a task by name', async () => {
    const inputs = float32([2, 3, 1, 1], [1, -1, 1, -1, -1, -1]);
    const labels = float32([2, 3], [1, 0, 0, 0, 0, 0]);
    const measured = { ...(await options()), data: tensorDataset(inputs, labels) };
    const { metrics } = await evaluate({ ...measured, task: multiLabel() });
    expect([metrics.accuracy, metrics.exactMatch]).toEqual([5 / 6, 1 / 2]);
    const { metrics: errors } = await evaluate({ ...measured, task: regression() });
    expect([errors.meanAbsoluteError, errors.meanSquaredError]).toEqual([5 / 6, 5 / 6]);
  });

  it.each([
    [[0.5, 7, 0], 'label 1 of sample 1 of the dataset: expected a probability from 0 to 1', 'got 7; '],
    [
      [0.5, 0, 0],
      'labels of sample 1 of the dataset: expected probabilities that add up to 1',
      'got a sum of 0.5; ',
    ],
  ])('suggests another task for labels %j', async (second, problem, got) => {
    const labels = float32([2, 3], [0, 1, 0, ...second]);
    const run = evaluate(await options({ data: tensorDataset(float32([2, 3, 1, 1]), labels) }));
    await expect(run).rejects.toThrow(
      `classification: ${problem}, ${got}for other labels set task, e.g. to regression() or multiLabel()`,
    );
  });
});

describe('Predictor', () => {
  it('explains how to pass one sample', async () => {
    const predictor = new Predictor(await options());
    await expect(predictor.predict(float32([3, 1, 1]))).rejects.toThrow(
      'm: "images" expected float32 [N, 3, 1, 1], got float32 [3, 1, 1]; pass one sample as [1, 3, 1, 1]',
    );
  });
});
