// Invalid labels and inputs that training would otherwise accept silently. They are rejected wherever a dataset is created or
// used. The error identifies the sample by its index in the dataset, or by its position in a batch without origins.
import type { Batch, Dataset, Model, Task, Tensor } from '@isonet/core';
import {
  classification,
  dense,
  dimOf,
  evaluate,
  fit,
  float32,
  int32,
  multiLabel,
  regression,
  sequential,
  split,
  subset,
  take,
  tensorDataset,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { options, trainerOf } from './tiny.ts';

const COUNT_FROM_0 = 'classes are counted from 0: subtract 1 from labels that start at 1';

const model: Model = {
  name: 'four',
  input: { name: 'x', shape: [1] },
  output: { name: 'logits', shape: [4] },
  layer: sequential({ fc: dense(4) }),
};

/** 12 samples. */
const inputs = float32(
  [12, 1],
  Array.from({ length: 12 }, (_, i) => i / 12),
);

/** Returns labels 0 .. 3, except for one sample. */
function labelled(sample: number, label: number): Tensor {
  return int32(
    [12],
    Array.from({ length: 12 }, (_, i) => (i === sample ? label : i % 4)),
  );
}

/** Returns a user-defined dataset with these labels. */
function own(labels: Tensor): Dataset {
  const all = tensorDataset(inputs, labels);
  return {
    length: all.length,
    batch: async (indices): Promise<Batch> => {
      const made = await all.batch(indices);
      return { inputs: made.inputs, labels: made.labels };
    },
  };
}

async function lineOf(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => '',
    (error: unknown) => String(error),
  );
}

describe.each([4, 1000, -1])('the label %d of four classes', (label) => {
  const problem = `expected a class in 0 .. 3, got ${label}; ${COUNT_FROM_0}`;
  const line = (sample: string): string => `DataError: classification: label of ${sample}: ${problem}`;
  const wrong = tensorDataset(inputs, labelled(7, label));
  const good = tensorDataset(inputs, labelled(7, 3));

  it('is named by its sample in training, shuffled and in parts', async () => {
    for (const train of [wrong, own(labelled(7, label))]) {
      for (const microBatchSize of [undefined, 2]) {
        const parts = microBatchSize === undefined ? {} : { microBatchSize };
        const given = await options({ model, train, test: good, epochs: 1, batchSize: 4, ...parts });
        expect(await lineOf(fit(given))).toBe(line('sample 7 of the dataset'));
      }
    }
  });

  it('is named by its sample in test and validation sets', async () => {
    for (const name of ['test', 'validation']) {
      const given = await options({ model, train: good, test: good, epochs: 1, [name]: wrong });
      expect(await lineOf(fit(given))).toBe(line('sample 7 of the dataset'));
    }
  });

  it('is named by the original sample in a subset', async () => {
    const [rest, held] = split(wrong, { held: 6, seed: 2 });
    const parts = [rest, held, take(wrong, 8), subset(wrong, [9, 7]), subset(subset(wrong, [1, 7]), [1])];
    const given = await options({ model, test: good, epochs: 1, batchSize: 1 });
    const lines = await Promise.all(parts.map(async (train) => lineOf(fit({ ...given, train }))));
    expect(new Set(lines.slice(0, 2))).toEqual(new Set(['', line('sample 7 of the dataset')]));
    expect(lines.slice(2)).toEqual(new Array(3).fill(line('sample 7 of the dataset')));
    const unnumbered = subset(own(labelled(7, label)), [9, 7]);
    expect(await lineOf(fit({ ...given, train: unnumbered }))).toBe(line('sample 7 of the dataset'));
  });

  it('is named in evaluation', async () => {
    const { device } = await options();
    const trainer = await trainerOf({ model, device });
    const run = evaluate({ model, device, state: trainer.state, data: wrong, batchSize: 5 });
    expect(await lineOf(run)).toBe(line('sample 7 of the dataset'));
  });

  it('is named by its position in a batch without origins', async () => {
    const trainer = await trainerOf({ model });
    const batch = { inputs, labels: labelled(7, label) };
    expect(await lineOf(trainer.step(batch, 0, 0.1))).toBe(line('sample 7 of the batch'));
    expect(await lineOf(trainer.gradients(batch, { step: 0 }))).toBe(line('sample 7 of the batch'));
    const origins = Uint32Array.from({ length: 12 }, (_, i) => 100 + i);
    expect(await lineOf(trainer.step({ ...batch, origins }, 0, 0.1))).toBe(line('sample 107 of the dataset'));
  });

  it('is rejected by score instead of counting as a miss', () => {
    const task = classification();
    expect(() => task.score(float32([12, 4]), labelled(7, label))).toThrow(
      `label of sample 7 of the batch: ${problem}`,
    );
  });
});

it.each<[name: string, task: Task, bad: number, expected: string]>([
  ['regression', regression(), NaN, 'a finite number'],
  ['regression', regression(), Infinity, 'a finite number'],
  ['multiLabel', multiLabel(), NaN, 'a number from 0 to 1'],
  ['multiLabel', multiLabel(), 2, 'a number from 0 to 1'],
  ['classification', classification(), NaN, 'a probability from 0 to 1'],
  ['classification', classification(), -Infinity, 'a probability from 0 to 1'],
])('%s rejects a label of %j %d in training and evaluation', async (name, task, bad, expected) => {
  const labels = float32(
    [12, 4],
    Array.from({ length: 48 }, (_, i) => (i === 30 ? bad : Number(i % 4 === 0))),
  );
  const train: Dataset = {
    length: 12,
    batch: (indices) => {
      const rows = Array.from(indices).flatMap((index) =>
        Array.from(labels.data.subarray(index * 4, index * 4 + 4)),
      );
      return { inputs: float32([indices.length, 1]), labels: float32([indices.length, 4], rows) };
    },
  };
  const { device } = await options();
  const trainer = await trainerOf({ model, device, task });
  const line = `DataError: ${name}: label 2 of sample 7 of the dataset: expected ${expected}, got ${bad}`;
  const given = await options({ model, task, train, test: train, epochs: 1, batchSize: 5 });
  expect(await lineOf(fit(given))).toContain(line);
  expect(await lineOf(evaluate({ model, device, task, state: trainer.state, data: train }))).toContain(line);
});

it.each([NaN, Infinity, -Infinity])('tensorDataset rejects %d', (bad) => {
  const holds = (name: string, make: (values: readonly number[]) => Dataset): void => {
    expect(() => make([0, 1, 2, 3, 4, bad])).toThrow(
      `tensorDataset: ${name} of sample 2: expected finite values, got ${bad}; remove the sample or replace the value`,
    );
  };
  holds('inputs', (values) => tensorDataset(float32([3, 2], values), int32([3], [0, 0, 0])));
  holds('labels', (values) => tensorDataset(float32([3, 1]), float32([3, 2], values)));
});

it.each([12, 5])('a non-finite output is named by its sample, in parts of %d', async (microBatchSize) => {
  // The loss ignores the outputs, so the step is finite.
  const task: Task = {
    ...regression(),
    losses: (b, output) => b.fill(1, [dimOf(output.shape, 0)]),
  };
  const train: Dataset = {
    length: 12,
    batch: (indices) => ({
      inputs: float32(
        [indices.length, 1],
        Array.from(indices, (index) => (index === 7 ? NaN : 1)),
      ),
      labels: float32([indices.length, 4]),
    }),
  };
  const given = await options({ model, task, train, epochs: 1, batchSize: 12, microBatchSize });
  expect(await lineOf(fit({ ...given, test: train }))).toContain(
    "the network's output for sample 7 of the dataset contains NaN",
  );
});
