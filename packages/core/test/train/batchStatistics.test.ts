// Batch norm over one value per channel is rejected before the first step, even if only the last batch of an epoch is that
// small.
import type { FitOptions, Model } from '@isonet/core';
import {
  batchNorm,
  conv2d,
  dense,
  fit,
  flatten,
  globalAvgPool2d,
  gradients,
  sequential,
  ShapeError,
  take,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { data, firstImages, options, trainerOf } from './tiny.ts';

/** A model whose batch norm normalizes a map of one pixel. */
const model: Model = {
  name: 'narrow',
  input: { name: 'images', shape: [1, 6, 6] },
  output: { name: 'logits', shape: [2] },
  layer: sequential({
    c1: conv2d(4, { kernel: 6, batchNorm: true }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
    fc: dense(2),
  }),
};

/** A model whose batch norm normalizes a map of 16 pixels. */
const wide: Model = {
  ...model,
  layer: sequential({
    c1: conv2d(2, { kernel: 3, batchNorm: true }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
  }),
};

const PROBLEM =
  'batchNorm "c1.bn" normalizes float32 [1, 4, 1, 1], a single value per channel, whose variance is 0';

/** Returns the error of fit, and the number of steps before it. */
async function outcome(changes: Partial<FitOptions>): Promise<readonly [line: string, steps: number]> {
  let steps = 0;
  const given = await options({ model, epochs: 1, onStep: () => void steps++, ...changes });
  const line = await fit(given).then(
    () => '',
    (error: unknown) => String(error),
  );
  return [line, steps];
}

describe('fit', () => {
  it.each<[changes: Partial<FitOptions>, message: string]>([
    [
      { train: take(data, 9) },
      `fit: the last batch of an epoch has 1 sample, and ${PROBLEM}; set dropLast: true, or choose another batchSize`,
    ],
    [{ batchSize: 1 }, `fit: a batch has 1 sample, and ${PROBLEM}; choose another batchSize`],
    [{ batchSize: 1, dropLast: true }, `fit: a batch has 1 sample, and ${PROBLEM}; choose another batchSize`],
    [{ train: take(data, 1) }, `fit: a batch has 1 sample, and ${PROBLEM}; choose another batchSize`],
    [
      { microBatchSize: 7 },
      `fit: a batch has 8 samples, one of them alone in a part, and ${PROBLEM}; choose another batchSize or microBatchSize`,
    ],
    [
      { train: take(data, 13), microBatchSize: 4 },
      `fit: the last batch of an epoch has 5 samples, one of them alone in a part, and ${PROBLEM}; set dropLast: true, or choose another batchSize or microBatchSize`,
    ],
  ])('rejects %j before its first step', async (changes, message) => {
    expect(await outcome(changes)).toEqual([`DataError: ${message}`, 0]);
  });

  it.each<[what: string, changes: Partial<FitOptions>, steps: number]>([
    ['with dropLast', { train: take(data, 9), dropLast: true }, 1],
    ['if the last batch has more samples', { train: take(data, 10) }, 2],
    ['if the map has more pixels', { model: wide, train: take(data, 9) }, 2],
    ['with frozen statistics', { train: take(data, 9), parameters: [{ match: 'c1.bn', frozen: true }] }, 2],
    ['in parts of two', { train: take(data, 10), microBatchSize: 2 }, 2],
  ])('trains %s', async (_, changes, steps) => {
    expect(await outcome({ test: data, ...changes })).toEqual(['', steps]);
  });
});

it('rejects a step of one sample, and its graph', async () => {
  const problem =
    `${PROBLEM}; train on batches of 2 or more samples, and ` +
    'drop a last batch of 1 (dropLast) or choose another batch size';
  const trainer = await trainerOf({ model });
  await expect(trainer.step(firstImages(1), 0, 0.1)).rejects.toThrow(new ShapeError(problem));
  await expect(trainer.prepare(1)).rejects.toThrow(new ShapeError(problem));
  await (
    await trainer.step(firstImages(2), 0, 0.1)
  )();
  const rows: Model = {
    name: 'rows',
    input: { name: 'x', shape: [3] },
    output: { name: 'y', shape: [3] },
    layer: sequential({ bn: batchNorm() }),
  };
  expect(() => gradients(rows, 1)).toThrow(/^batchNorm "bn" normalizes float32 \[1, 3\], a single value/);
  expect(() => gradients(rows, 2)).not.toThrow();
});
