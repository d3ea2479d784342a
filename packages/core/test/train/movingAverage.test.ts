// Moving averages of the weights: their values, and their use in evaluation and checkpoints.
import type { FitOptions, Tensors, TrainerOptions } from '@isonet/core';
import { DataError, evaluate, fit, float32, sgd, Trainer } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { lineOptions, model, task, datasetWithLosses, train } from './line.ts';
import { data, numbers, options } from './tiny.ts';

/** Returns the decay of the average at a step, counted from 0. */
function kept(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

async function trainerOf(changes: Partial<TrainerOptions>): Promise<Trainer> {
  const device = await reference.open();
  const values = { bias: float32([2], [3, -1]) };
  return Trainer.create({ model, task, device, optimizer: sgd(), values, seed: 1, ...changes });
}

describe('a moving average', () => {
  it.each([
    ['whole', 0.25, {}],
    ['in parts', 0.25, { microBatchSize: 1 }],
    ['a decay that is never reached', 0.999, {}],
    ['a decay of 0', 0, {}],
  ] as const)('is d a + (1 - d) w, starting from the initial weights: %s', async (_, decay, changes) => {
    const trainer = await trainerOf({ movingAverage: { decay }, ...changes });
    let [bias, average] = [
      [3, -1],
      [3, -1],
    ];
    expect(numbers(await trainer.snapshot(), 'average/bias')).toEqual(average);
    for (const step of [0, 1, 2, 3]) {
      const indices = Uint32Array.of(step, (step + 1) % 4);
      const pull = (2 ** step + 2 ** ((step + 1) % 4)) / 2;
      await (
        await trainer.step(await train.batch(indices), step, 0.5)
      )();
      bias = bias.map((value) => value - 0.5 * pull);
      const d = kept(step, decay);
      average = average.map((value, i) => d * value + (1 - d) * (bias[i] ?? NaN));
      const near = average.map((value) => expect.closeTo(value, 6) as unknown);
      const snapshot = await trainer.snapshot();
      expect(numbers(snapshot, 'bias')).toEqual(bias);
      expect(numbers(snapshot, 'average/bias')).toEqual(near);
      expect(numbers(await trainer.averagedWeights(), 'bias')).toEqual(near);
      expect(numbers(await trainer.weights(), 'bias')).toEqual(bias);
    }
  });

  it('is the same with gradients and apply as with steps', async () => {
    const [whole, apart] = [
      await trainerOf({ movingAverage: { decay: 0.25 } }),
      await trainerOf({ movingAverage: { decay: 0.25 } }),
    ];
    for (const step of [0, 1, 2]) {
      const batch = await train.batch(Uint32Array.of(step));
      await (
        await whole.step(batch, step, 0.5)
      )();
      await apart.apply(await apart.gradients(batch, { step }), step, 0.5);
    }
    expect(await apart.snapshot()).toEqual(await whole.snapshot());
  });

  it('contains frozen weights unchanged', async () => {
    const { trainer } = await fit(
      await options({
        epochs: 2,
        movingAverage: { decay: 0.9 },
        parameters: [{ match: 'c1', frozen: true }],
      }),
    );
    const [weights, averaged] = [await trainer.weights(), await trainer.averagedWeights()];
    expect(Object.keys(averaged).toSorted()).toEqual(Object.keys(weights).toSorted());
    expect(averaged['c1.w']).toEqual(weights['c1.w']);
    expect(averaged['c2.w']).not.toEqual(weights['c2.w']);
    expect(await trainer.snapshot()).not.toHaveProperty('average/c1.w');
  });

  it('is read together with the buffers of the same step', async () => {
    const reads: string[][] = [];
    const trainer = await trainerOf({ movingAverage: { decay: 0.5 } });
    const { state } = trainer;
    const read = state.read.bind(state);
    state.read = (names): ReturnType<typeof read> => {
      reads.push([...(names ?? [])]);
      return read(names);
    };
    await trainer.averagedWeights();
    expect(reads).toEqual([['average/bias']]);
  });

  it('is rejected if it is not kept, and with an invalid decay', async () => {
    const trainer = await trainerOf({});
    await expect(trainer.averagedWeights()).rejects.toThrow(DataError);
    await expect(trainer.averagedWeights()).rejects.toThrow(
      'averagedWeights: the trainer keeps no averages; create it with movingAverage',
    );
    for (const decay of [1, -0.1, NaN]) {
      await expect(trainerOf({ movingAverage: { decay } })).rejects.toThrow(
        `movingAverage: decay: expected a number of at least 0 and below 1, got ${decay}`,
      );
    }
    const values = { bias: float32([2]), 'average/bias': float32([2]) };
    await expect(trainerOf({ values })).rejects.toThrow('unknown name "average/bias"');
  });

  it('does not change the training', async () => {
    const plain = await fit(await options({ epochs: 2 }));
    const averaged = await fit(await options({ epochs: 2, movingAverage: { decay: 0.9 } }));
    expect(await averaged.trainer.weights()).toEqual(await plain.trainer.weights());
    expect(averaged.epochs.map(({ loss }) => loss)).toEqual(plain.epochs.map(({ loss }) => loss));
  });
});

describe('fit', () => {
  it('evaluates the averages', async () => {
    const movingAverage = { decay: 0.9 };
    const given = await options({ epochs: 2, movingAverage, validation: data });
    const { trainer, epochs } = await fit(given);
    const { device } = given;
    const lossOf = async (weights: Tensors): Promise<number> => {
      const state = await device.createState(weights);
      return (await evaluate({ model: given.model, device, state, data })).loss;
    };
    const [averaged, last] = [
      await lossOf(await trainer.averagedWeights()),
      await lossOf(await trainer.weights()),
    ];
    expect(averaged).not.toBeCloseTo(last, 6);
    expect([epochs[1]?.testLoss, epochs[1]?.validationLoss]).toEqual([averaged, averaged]);
  });

  it('keeps them in checkpoints, and resumes bit for bit', async () => {
    const changes = { epochs: 3, movingAverage: { decay: 0.5 } };
    const untimed = (epochs: readonly { readonly seconds: number }[]): unknown[] =>
      epochs.map(({ seconds: _, ...report }) => report);
    const whole = await fit(await options(changes));
    for (const stop of [2, 5]) {
      const signal = { aborted: false };
      const onStep = ({ step }: { readonly step: number }): void => void (signal.aborted ||= step === stop);
      const part = await fit(await options({ ...changes, signal, onStep }));
      const resume = part.checkpoint;
      expect(Object.keys(resume.values)).toContain('average/c1.w');
      const rest = await fit(await options({ ...changes, resume }));
      expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());
      expect(untimed([...part.epochs, ...rest.epochs])).toEqual(untimed(whole.epochs));
    }
  });

  it('restores the averages of the best epoch', async () => {
    const snapshots: Tensors[] = [];
    const changes: Partial<FitOptions> = {
      epochs: 5,
      movingAverage: { decay: 0.5 },
      validation: datasetWithLosses([3, 2, 4, 4, 4]),
      earlyStopping: { patience: 2 },
      onEpoch: async (_, trainer) => void snapshots.push(await trainer.snapshot()),
    };
    const { trainer, bestEpoch } = await fit(await lineOptions(changes));
    expect([bestEpoch, snapshots.length]).toEqual([2, 4]);
    expect(await trainer.snapshot()).toEqual(snapshots[1]);
    expect(await trainer.averagedWeights()).toEqual({ bias: snapshots[1]?.['average/bias'] });
  });
});
