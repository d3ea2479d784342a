// A batch in parts is equivalent to the whole batch: the same masks, the same mean gradient, one update. Sums left by a
// failed step do not affect the next one.
import type { Batch, Device, FitOptions, Model, Optimizer, StepResult, Tensors } from '@isonet/core';
import {
  adam,
  batchNorm,
  classification,
  DataError,
  dense,
  fit,
  flatten,
  float32,
  globalAvgPool2d,
  int32,
  NonFiniteError,
  print,
  sequential,
  sgd,
} from '@isonet/core';
import type { Graph, Trainer, TrainerOptions } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { firstImages, numbers, options, trainerOf as tinyTrainer, watched } from './tiny.ts';

/** Creates a trainer with plain SGD, unless `changes` override it. */
function trainerOf(changes: Partial<TrainerOptions> = {}): Promise<Trainer> {
  return tinyTrainer({ optimizer: sgd(), ...changes });
}

async function stepped(trainer: Trainer, batch: Batch, index: number, lr = 0.1): Promise<StepResult> {
  return (await trainer.step(batch, index, lr))();
}

/** Expects all values to agree within 1e-12, the rounding of reordered float64 sums. */
function expectClose(actual: Tensors, expected: Tensors): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const name of Object.keys(expected)) {
    const near = numbers(expected, name).map((value) => expect.closeTo(value, 12) as unknown);
    expect(numbers(actual, name), name).toEqual(near);
  }
}

describe('a batch in parts', () => {
  it.each<[string, Partial<TrainerOptions>]>([
    ['plain SGD', {}],
    [
      'momentum, weight decay, clipping and smoothing',
      {
        optimizer: sgd({ momentum: 0.9, weightDecay: 0.01 }),
        clipNorm: 0.05,
        task: classification({ labelSmoothing: 0.1 }),
      },
    ],
    ['Adam', { optimizer: adam({ weightDecay: 0.01 }) }],
  ])('is equivalent to the whole batch: %s', async (_, changes) => {
    const whole = await trainerOf(changes);
    const parted = await trainerOf({ ...changes, microBatchSize: 4 });
    for (const index of [0, 1, 2]) {
      const expected = await stepped(whole, firstImages(10), index);
      const { loss, scores, count } = await stepped(parted, firstImages(10), index);
      expect(loss).toBeCloseTo(expected.loss, 12);
      expect([scores, count]).toEqual([expected.scores, 10]);
    }
    expectClose(await parted.snapshot(), await whole.snapshot());
  });

  it('is clipped by the limit of the test above', async () => {
    const [free, clipped] = [
      await trainerOf({ microBatchSize: 4 }),
      await trainerOf({ microBatchSize: 4, clipNorm: 0.05 }),
    ];
    for (const trainer of [free, clipped]) await stepped(trainer, firstImages(10), 0);
    expect(await clipped.snapshot()).not.toEqual(await free.snapshot());
  });

  it('compiles one program per part size; a batch that fits uses the plain step', async () => {
    const graphs: Graph[] = [];
    const device = await reference.open();
    const listed = (): Device => ({
      ...watched(device, (program, state, feeds) => program.run(state, feeds)),
      compile: (graph) => {
        graphs.push(graph);
        return device.compile(graph);
      },
    });
    const parted = await trainerOf({ device: listed(), microBatchSize: 4 });
    for (const index of [0, 1]) await stepped(parted, firstImages(10), index);
    await parted.prepare(8);
    const names = graphs.map(({ name, inputs, values }) => {
      const images = inputs.find((input) => input.name === 'images');
      return `${name} ${images ? values[images.value]?.shape[0] : ''}`;
    });
    expect(names).toEqual(['tiny.accumulate 4', 'tiny.accumulate 2', 'tiny.applySums ']);

    const step = async (given: Partial<TrainerOptions>): Promise<[Tensors, string]> => {
      graphs.length = 0;
      const trainer = await trainerOf({ device: listed(), ...given });
      await stepped(trainer, firstImages(4), 0);
      return [await trainer.snapshot(), graphs.map(print).join('\n')];
    };
    const plain = await step({});
    expect(await step({ microBatchSize: 4 })).toEqual(plain);
    expect(await step({ microBatchSize: 100 })).toEqual(plain);
  });

  it.each([0, -1, 2.5, NaN])('rejects parts of %d images', async (microBatchSize) => {
    const created = trainerOf({ microBatchSize });
    await expect(created).rejects.toThrow(DataError);
    await expect(created).rejects.toThrow(
      `microBatchSize: expected an integer of at least 1, got ${microBatchSize}`,
    );
  });

  it('needs as many images as labels', async () => {
    const trainer = await trainerOf({ microBatchSize: 4 });
    const batch = { inputs: firstImages(11).inputs, labels: firstImages(10).labels };
    await expect(trainer.step(batch, 0, 0.1)).rejects.toThrow(
      'classification: expected labels int32 [11] or float32 [11, 2], got int32 [10]',
    );
  });

  it('resets the sums after a step whose final run failed', async () => {
    let fails = true;
    const device = watched(await reference.open(), (program, state, feeds) => {
      const broken = fails && program.graph.name === 'tiny.applySums';
      return program.run(state, broken ? {} : feeds);
    });
    const [parted, fresh] = [
      await trainerOf({ device, microBatchSize: 4 }),
      await trainerOf({ microBatchSize: 4 }),
    ];
    await expect(parted.step(firstImages(10), 0, 0.1)).rejects.toThrow('feeds: "lr" (float32 []) is missing');
    fails = false;
    await stepped(parted, firstImages(10), 0);
    await stepped(fresh, firstImages(10), 0);
    expect(await parted.snapshot()).toEqual(await fresh.snapshot());
  });
});

describe('batch norm in parts', () => {
  const normalized: Model = {
    name: 'm',
    input: { name: 'images', shape: [2, 1, 2] },
    output: { name: 'logits', shape: [2] },
    layer: sequential({
      bn: batchNorm({ momentum: 0.75 }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
      fc: dense(2),
    }),
  };
  const optimizer: Optimizer = sgd({ momentum: 0.9 });
  const changes = { model: normalized, optimizer, microBatchSize: 2 };
  // Channel 0: 1, 3, 5, 7 (mean 4, squares about it 20) and 1, 3 (2, 2); channel 1: 0, 0, 2, 2 (1, 4) and 0, 4 (2, 8).
  const pixels = [1, 3, 0, 0, 5, 7, 2, 2, 1, 3, 0, 4];
  const batch: Batch = { inputs: float32([3, 2, 1, 2], pixels), labels: int32([3], [0, 1, 0]) };
  const firstTwo: Batch = {
    inputs: float32([2, 2, 1, 2], pixels.slice(0, 8)),
    labels: int32([2], [0, 1]),
  };

  it('updates the running statistics once per part, continuing from the last step', async () => {
    const trainer = await trainerOf(changes);
    let [mean, variance] = [
      [0, 0],
      [1, 1],
    ];
    const moved = (before: readonly number[], by: readonly number[]): number[] =>
      before.map((value, i) => 0.75 * value + 0.25 * (by[i] ?? NaN));
    // A batch in parts, a batch that fits in one step, and a batch in parts again.
    for (const [index, given] of [batch, firstTwo, batch].entries()) {
      await stepped(trainer, given, index);
      [mean, variance] = [moved(mean, [4, 1]), moved(variance, [20 / 3, 4 / 3])];
      if (given === batch) [mean, variance] = [moved(mean, [2, 2]), moved(variance, [2, 8])];
      const after = await trainer.snapshot();
      const near = (values: readonly number[]): unknown[] =>
        values.map((value) => expect.closeTo(value, 6) as unknown);
      expect(numbers(after, 'bn.mean')).toEqual(near(mean));
      expect(numbers(after, 'bn.variance')).toEqual(near(variance));
    }
  });

  it.each([NaN, Infinity])(
    'a later part with a pixel of %f changes nothing and does not affect the next step',
    async (bad) => {
      const trainer = await trainerOf(changes);
      await stepped(trainer, batch, 0);
      const before = await trainer.snapshot();
      const poisoned = { ...batch, inputs: float32([3, 2, 1, 2], [...pixels.slice(0, 11), bad]) };
      await expect(stepped(trainer, poisoned, 1)).rejects.toThrow(NonFiniteError);
      expect(await trainer.snapshot()).toEqual(before);
      expect(Object.keys(before).toSorted()).toEqual(
        ['bn.b', 'bn.mean', 'bn.scale', 'bn.variance', 'fc.b', 'fc.w']
          .concat(['bn.b', 'bn.scale', 'fc.b', 'fc.w'].map((name) => `velocity/${name}`))
          .toSorted(),
      );

      const fresh = await trainerOf({ ...changes, values: before });
      await trainer.restore(before);
      await stepped(trainer, batch, 1);
      await stepped(fresh, batch, 1);
      expect(await trainer.snapshot()).toEqual(await fresh.snapshot());
      expect(await trainer.snapshot()).not.toEqual(before);
    },
  );
});

describe('fit in parts', () => {
  it('is equivalent to fit with whole batches, and resumes bit for bit', async () => {
    const given = async (more: Partial<FitOptions> = {}): Promise<FitOptions> =>
      options({ epochs: 2, microBatchSize: 3, ...more });
    const whole = await fit(await given());
    const signal = { aborted: false };
    const onStep = ({ step }: { readonly step: number }): void => void (signal.aborted ||= step === 4);
    const part = await fit(await given({ signal, onStep }));
    expect([part.finished, part.step]).toEqual([false, 5]);
    const resume = { step: part.step, values: await part.trainer.snapshot(), epoch: part.totals };
    const rest = await fit(await given({ resume }));
    expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());

    const unparted = await fit(await options({ epochs: 2 }));
    expectClose(await whole.trainer.snapshot(), await unparted.trainer.snapshot());
  });
});
