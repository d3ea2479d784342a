// Custom training loops: gradients, host-side operations on them, and their application.
import type { Batch, Gradients, Model, Tensor, Tensors, TrainerOptions } from '@isonet/core';
import {
  adam,
  batchNorm,
  clipGradients,
  DataError,
  dense,
  flatten,
  float32,
  gradientNorm,
  gradients,
  he,
  initialize,
  int32,
  meanGradients,
  sequential,
  sgd,
  stateOf,
  step,
  Trainer,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { firstImages, model, trainerOf } from './tiny.ts';

const normalized: Model = {
  ...model,
  layer: sequential({ flatten: flatten(), fc: dense(3), bn: batchNorm(), head: dense(2) }),
};

function numbers(tensor: Tensor | undefined): number[] {
  return Array.from<number>(tensor?.data ?? []);
}

function expectClose(actual: Tensors, expected: Tensors, digits: number): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const name of Object.keys(expected)) {
    const near = numbers(expected[name]).map((value) => expect.closeTo(value, digits) as unknown);
    expect(numbers(actual[name]), name).toEqual(near);
  }
}

/** Returns `count` images, starting at `first`. */
function part(first: number, count: number): Batch {
  const { inputs, labels } = firstImages(first + count);
  return {
    inputs: float32([count, 1, 6, 6], Array.from(inputs.data).slice(first * 36)),
    labels: int32([count], Array.from(labels.data).slice(first)),
  };
}

describe('gradients and apply', () => {
  it.each<[string, Partial<TrainerOptions>]>([
    ['SGD', {}],
    ['Adam', { optimizer: adam({ weightDecay: 0.01 }) }],
    ['batch norm', { model: normalized }],
    ['clipping and averages', { clipNorm: 0.05, movingAverage: { decay: 0.9 } }],
    [
      'rules',
      {
        parameters: [
          { match: 'c1', frozen: true },
          { match: 'c2', lrFactor: 0.5 },
        ],
      },
    ],
  ])('are equivalent to a step, bit for bit on a float64 device: %s', async (_, changes) => {
    const [whole, apart] = [await trainerOf(changes), await trainerOf(changes)];
    for (const index of [0, 1, 2]) {
      const expected = await (await whole.step(firstImages(8), index, 0.1))();
      const before = await apart.snapshot();
      const all = await apart.gradients(firstImages(8), { step: index });
      expect(await apart.snapshot()).toEqual(before);
      const { loss, count, scores } = all;
      expect({ loss, count, scores }).toEqual(expected);
      await apart.apply(all, index, 0.1);
    }
    expect(await apart.snapshot()).toEqual(await whole.snapshot());
  });

  it('of parts, with their positions, match the whole batch with its masks', async () => {
    const trainer = await trainerOf();
    const whole = await trainer.gradients(firstImages(10), { step: 3 });
    const parts = [
      await trainer.gradients(part(0, 4), { step: 3 }),
      await trainer.gradients(part(4, 1), { step: 3, first: 4 }),
      await trainer.gradients(part(5, 5), { step: 3, first: 5 }),
    ];
    const mean = meanGradients(parts);
    expect(mean.loss).toBeCloseTo(whole.loss, 12);
    expect([mean.count, mean.scores]).toEqual([10, whole.scores]);
    expectClose(mean.gradients, whole.gradients, 12);
    // Without the positions, or at another step, the masks differ.
    const misplaced = meanGradients([
      await trainer.gradients(part(0, 4), { step: 3 }),
      await trainer.gradients(part(4, 6), { step: 3 }),
    ]);
    expect(misplaced.loss).not.toBeCloseTo(whole.loss, 6);
    const later = await trainer.gradients(firstImages(10), { step: 4 });
    expect(later.loss).not.toBeCloseTo(whole.loss, 6);
  });

  it('match the sums of a trainer in parts', async () => {
    const [parted, apart] = [await trainerOf({ microBatchSize: 4 }), await trainerOf()];
    for (const index of [0, 1]) {
      await (
        await parted.step(firstImages(10), index, 0.1)
      )();
      const parts = await Promise.all(
        [part(0, 4), part(4, 4), part(8, 2)].map((batch, i) =>
          apart.gradients(batch, { step: index, first: 4 * i }),
        ),
      );
      await apart.apply(meanGradients(parts), index, 0.1);
    }
    expectClose(await apart.snapshot(), await parted.snapshot(), 12);
    expect(await apart.snapshot()).not.toEqual(await (await trainerOf()).snapshot());
  });

  it('average the running statistics, weighted by samples', async () => {
    const trainer = await trainerOf({ model: normalized });
    const parts = [
      await trainer.gradients(part(0, 6), { step: 0 }),
      await trainer.gradients(part(6, 2), { step: 0, first: 6 }),
    ];
    expect(Object.keys(parts[0]?.buffers ?? {})).toEqual(['bn.mean', 'bn.variance']);
    const mean = meanGradients(parts);
    const [a, b] = parts.map(({ buffers }) => numbers(buffers['bn.mean']));
    const expected = a?.map(
      (value, i) => expect.closeTo(0.75 * value + 0.25 * (b?.[i] ?? NaN), 12) as unknown,
    );
    expect(numbers(mean.buffers['bn.mean'])).toEqual(expected);
    await trainer.apply(mean, 0, 0.1);
    expect((await trainer.weights())['bn.mean']).toEqual(mean.buffers['bn.mean']);
  });
});

/** Builds gradients of one parameter w and one buffer m. */
function byHand(w: readonly number[], count: number, more: Partial<Gradients> = {}): Gradients {
  return {
    loss: w[0] ?? 0,
    count,
    scores: { accuracy: { sum: 1, count } },
    gradients: { w: float32([w.length], w) },
    buffers: { m: float32([1], [count]) },
    ...more,
  };
}

describe('meanGradients', () => {
  it('weights each part by its number of samples', () => {
    expect(meanGradients([byHand([1, 2], 1), byHand([5, -2], 3)])).toEqual({
      loss: 4,
      count: 4,
      scores: { accuracy: { sum: 2, count: 4 } },
      gradients: { w: float32([2], [4, -1]) },
      buffers: { m: float32([1], [2.5]) },
    });
    const alone = byHand([1, 2], 7);
    expect(meanGradients([alone])).toEqual(alone);
  });

  it('sums float32 in float64, and keeps float64', () => {
    const many = Array.from({ length: 10 }, () => byHand([0.1], 1));
    expect(numbers(meanGradients(many).gradients['w'])).toEqual([Math.fround(0.1)]);
    const wide: Tensor = { dtype: 'float64', shape: [1], data: Float64Array.of(1 / 3) };
    const mean = meanGradients([byHand([], 1, { gradients: { w: wide } })]);
    expect(mean.gradients['w']).toEqual(wide);
  });

  it.each<[string, Partial<Gradients>, string]>([
    ['lacks a gradient', { gradients: {} }, 'w'],
    ['has another', { gradients: { w: float32([2]), v: float32([1]) } }, 'v'],
    ['has another length', { gradients: { w: float32([3]) } }, 'w'],
    ['has another shape', { gradients: { w: float32([1, 2]) } }, 'w'],
    ['lacks a buffer', { buffers: {} }, 'm'],
  ])('rejects a part that %s', (_, more, name) => {
    const [one, other] = [byHand([1, 2], 1), byHand([1, 2], 1, more)];
    const problem = `meanGradients: "${name}" is missing or has another type in some parts; pass gradients of one model`;
    for (const parts of [
      [one, other],
      [other, one],
    ]) {
      expect(() => meanGradients(parts)).toThrow(DataError);
      expect(() => meanGradients(parts)).toThrow(problem);
    }
  });

  it('needs a part', () => {
    expect(() => meanGradients([])).toThrow('meanGradients: expected at least one part, got none');
  });
});

describe('clipGradients', () => {
  it('scales down to the limit, and keeps smaller gradients unchanged', () => {
    const all = byHand([3, 4], 2);
    expect(gradientNorm(all)).toBe(5);
    expect(clipGradients(all, 5)).toBe(all);
    expect(clipGradients(all, 2.5)).toEqual({ ...all, gradients: { w: float32([2], [1.5, 2]) } });
    for (const limit of [0, -1, NaN]) {
      expect(() => clipGradients(all, limit)).toThrow(
        `clipGradients: limit: expected a number above 0, got ${limit}`,
      );
    }
  });

  it('matches clipNorm', async () => {
    const limit = 0.05;
    const [clipping, apart] = [await trainerOf({ clipNorm: limit }), await trainerOf()];
    for (const index of [0, 1]) {
      await (
        await clipping.step(firstImages(8), index, 0.1)
      )();
      const all = await apart.gradients(firstImages(8), { step: index });
      expect(gradientNorm(all)).toBeGreaterThan(limit);
      const clipped = clipGradients(all, limit);
      expect(gradientNorm(clipped)).toBeCloseTo(limit, 12);
      await apart.apply(clipped, index, 0.1);
    }
    // The limit is float32 in the graph and float64 on the host.
    expectClose(await apart.snapshot(), await clipping.snapshot(), 8);
  });
});

describe('apply', () => {
  it.each<[string, (all: Gradients) => Gradients, string]>([
    [
      'have one missing',
      (all) => ({ ...all, gradients: { 'c1.w': all.gradients['c1.w'] ?? float32([]) } }),
      '"grad/c1.b" (float32 [4]) is missing',
    ],
    [
      'are of another model',
      (all) => ({ ...all, gradients: { ...all.gradients, 'c3.w': float32([1]) } }),
      '"grad/c3.w" is not an input of tiny.apply',
    ],
    [
      'have another shape',
      (all) => ({ ...all, gradients: { ...all.gradients, 'c1.b': float32([3]) } }),
      '"grad/c1.b" expected float32 [4], got float32 [3]',
    ],
    [
      'have an extra buffer',
      (all) => ({ ...all, buffers: { mean: float32([1]) } }),
      '"buffer/mean" is not an input of tiny.apply',
    ],
  ])('rejects gradients that %s, and changes nothing', async (_, change, problem) => {
    const trainer = await trainerOf();
    const before = await trainer.snapshot();
    const all = await trainer.gradients(firstImages(4), { step: 0 });
    const run = trainer.apply(change(all), 0, 0.1);
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow(problem);
    expect(await trainer.snapshot()).toEqual(before);
    await trainer.apply(all, 0, 0.1);
  });

  it('takes effect after earlier steps, as do gradients', async () => {
    const [inOrder, atOnce] = [await trainerOf(), await trainerOf()];
    const given = await inOrder.gradients(firstImages(8), { step: 0 });
    await (
      await inOrder.step(firstImages(8), 0, 0.1)
    )();
    const expected = await inOrder.gradients(firstImages(8), { step: 1 });
    await inOrder.apply(given, 1, 0.1);

    // A cached program could otherwise overtake one that has to be compiled first.
    await atOnce.gradients(firstImages(8), { step: 1 });
    const started = atOnce.start(firstImages(8), 0, 0.1);
    const behind = atOnce.gradients(firstImages(8), { step: 1 });
    const applied = atOnce.apply(given, 1, 0.1);
    await (await started).read();
    expect(await behind).toEqual(expected);
    await applied;
    expect(await atOnce.snapshot()).toEqual(await inOrder.snapshot());
  });
});

describe('the layer function of a model', () => {
  it('is called once per graph, and twice up to the first step', async () => {
    let calls = 0;
    const counted: Model = {
      ...model,
      layer: (scope, x) => {
        calls++;
        return model.layer(scope, x);
      },
    };
    const during = async (work: () => unknown): Promise<number> => {
      const before = calls;
      await work();
      return calls - before;
    };
    expect(await during(() => step(counted, 8, sgd()))).toBe(1);
    expect(await during(() => gradients(counted, 8))).toBe(1);
    expect(await during(() => stateOf(counted))).toBe(1);
    const values = initialize(stateOf(model).parameters, he, 5);
    const device = await reference.open();
    let trainer: Trainer | undefined;
    const create = async (): Promise<void> => {
      trainer = await Trainer.create({ model: counted, device, optimizer: sgd(), values, seed: 5 });
    };
    expect(await during(create)).toBe(1);
    expect(await during(() => trainer?.step(firstImages(8), 0, 0.1))).toBe(1);
    expect(await during(() => trainer?.step(firstImages(8), 1, 0.1))).toBe(0);
    expect(await during(() => trainer?.step(firstImages(6), 2, 0.1))).toBe(1);
  });
});
