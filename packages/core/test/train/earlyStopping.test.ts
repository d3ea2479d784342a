// Early stopping: the epoch at which it ends a run, and the weights that it keeps. A resumed run ends at the
// same epoch.
import type { Checkpoint, EarlyStopping, FitOptions, FitResult, Task } from '@isonet/core';
import { DataError, fit } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { lineOptions, task, datasetWithLosses } from './line.ts';
import { data, options } from './tiny.ts';

interface Watched {
  readonly result: FitResult;
  /** The checkpoints passed to `onEpoch`, one per epoch. */
  readonly checkpoints: readonly Checkpoint[];
}

/** Runs fit with validation data that yields these losses. */
async function run(
  losses: readonly number[],
  earlyStopping: EarlyStopping,
  changes: Partial<FitOptions> = {},
  from = 0,
): Promise<Watched> {
  const checkpoints: Checkpoint[] = [];
  const result = await fit(
    await lineOptions({
      epochs: losses.length,
      validation: datasetWithLosses(losses, from),
      earlyStopping,
      onEpoch: async (_, __, checkpoint) => {
        checkpoints.push(await checkpoint());
      },
      ...changes,
    }),
  );
  return { result, checkpoints };
}

describe('early stopping', () => {
  it.each<[string, EarlyStopping, readonly number[], number, number]>([
    // The options, the losses, the number of epochs that run, the best epoch.
    ['patience 1', { patience: 1 }, [5, 4, 4.5, 1], 3, 2],
    ['patience 2', { patience: 2 }, [5, 4, 3, 3.5, 3.25, 1], 5, 3],
    ['an improvement in between', { patience: 2 }, [5, 6, 4, 6, 3, 6, 6, 1], 7, 5],
    ['an equal value is not an improvement', { patience: 2 }, [5, 5, 5, 1], 3, 1],
    ['minDelta', { patience: 2, minDelta: 0.5 }, [5, 4.75, 4.5, 1], 3, 1],
    ['minDelta is relative to the best', { patience: 2, minDelta: 0.5 }, [5, 4.75, 4.25, 4, 3.5, 1], 6, 6],
    ['a metric, higher is better', { patience: 2, monitor: 'base', mode: 'max' }, [1, 2, 2, 1, 9], 4, 2],
    ['a metric, lower is better', { patience: 1, monitor: 'base', mode: 'min' }, [3, 2, 2, 1], 3, 2],
    ['a loss, higher is better', { patience: 1, mode: 'max' }, [3, 4, 1, 5], 3, 2],
    ['longer than the run', { patience: 9 }, [5, 2, 3, 4], 4, 2],
    ['the last epoch is the best', { patience: 1 }, [5, 4, 3], 3, 3],
  ])('ends with the best weights: %s', async (_, watching, losses, epochs, best) => {
    const { result, checkpoints } = await run(losses, watching);
    expect(result.epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: epochs }, (__, i) => i + 1));
    expect([result.finished, result.bestEpoch, result.step]).toEqual([true, best, 2 * epochs]);
    expect(await result.trainer.snapshot()).toEqual(checkpoints[best - 1]?.values);
    const values = checkpoints.map((checkpoint) => checkpoint.values['bias']?.data.join());
    expect(new Set(values).size).toBe(epochs);
  });

  it('considers any number better than NaN', async () => {
    const score: Task['score'] = (...args) => {
      const { base: { sum, count } = { sum: 0, count: 0 } } = task.score(...args);
      return { base: { sum, count: sum === 0 ? 0 : count } }; // The mean over no samples is NaN.
    };
    const watching = { patience: 1, monitor: 'base', mode: 'min' } as const;
    const { result } = await run([0, 3, 0, 1], watching, { task: { ...task, score } });
    expect([result.bestEpoch, result.epochs.length]).toEqual([2, 3]);
  });

  it('monitors the accuracy of a classification', async () => {
    const snapshots: unknown[] = [];
    const { bestEpoch, epochs, trainer } = await fit(
      await options({
        validation: data,
        epochs: 12,
        earlyStopping: { patience: 3, monitor: 'accuracy', mode: 'max' },
        onEpoch: async (_, running) => void snapshots.push(await running.snapshot()),
      }),
    );
    const accuracies = epochs.map(({ validationAccuracy = NaN }) => validationAccuracy);
    expect(bestEpoch).toBe(accuracies.indexOf(Math.max(...accuracies)) + 1);
    expect(await trainer.snapshot()).toEqual(snapshots[(bestEpoch ?? 0) - 1]);
  });

  it.each<[string, EarlyStopping, Partial<FitOptions>, string]>([
    [
      'no validation',
      { patience: 1 },
      { validation: undefined } as object,
      'expected validation data to monitor, got none; pass the option validation',
    ],
    ['patience 0', { patience: 0 }, {}, 'patience: expected an integer of at least 1, got 0'],
    ['patience 1.5', { patience: 1.5 }, {}, 'patience: expected an integer of at least 1, got 1.5'],
    ['minDelta -1', { patience: 1, minDelta: -1 }, {}, 'minDelta: expected a number of at least 0, got -1'],
    [
      'minDelta NaN',
      { patience: 1, minDelta: NaN },
      {},
      'minDelta: expected a number of at least 0, got NaN',
    ],
    [
      'a metric without a mode',
      { patience: 1, monitor: 'base' },
      {},
      'mode: expected min (lower is better) or max for "base", got nothing',
    ],
    [
      'an unknown mode',
      { patience: 1, mode: 'lowest' as 'min' },
      {},
      'mode: expected one of min, max, got "lowest"',
    ],
    [
      'an unknown metric',
      { patience: 1, monitor: 'accuracy', mode: 'max' },
      {},
      'monitor: expected one of loss, base, got accuracy',
    ],
  ])('is rejected with %s', async (_, watching, changes, problem) => {
    const running = run([3, 2, 1], watching, changes);
    await expect(running).rejects.toThrow(DataError);
    await expect(running).rejects.toThrow(`earlyStopping: ${problem}`);
  });
});

describe('a checkpoint', () => {
  const losses = [5, 4, 3, 3.5, 3.25, 3.75, 1, 0.5];
  const watching = { patience: 3 };

  it('from any epoch, including the last, continues to the same end', async () => {
    const { result, checkpoints } = await run(losses, watching);
    expect(checkpoints).toHaveLength(6);
    for (const [i, resume] of checkpoints.entries()) {
      const { result: rest } = await run(losses, watching, { resume }, i + 1);
      expect(rest.epochs.map(({ epoch }) => epoch)).toEqual([2, 3, 4, 5, 6].slice(i));
      expect([rest.finished, rest.bestEpoch, rest.step]).toEqual([true, 3, 12]);
      expect(await rest.trainer.snapshot()).toEqual(await result.trainer.snapshot());
    }
  });

  it('from any step continues to the same end', async () => {
    const { result } = await run(losses, watching);
    for (let stop = 1; stop <= 11; stop++) {
      const signal = { aborted: false };
      const onStep = ({ step }: { readonly step: number }): void => void (signal.aborted ||= step === stop);
      const { result: part } = await run(losses, watching, { signal, onStep });
      expect(part.finished).toBe(false);
      const { result: rest } = await run(losses, watching, { resume: part.checkpoint }, part.epochs.length);
      expect(part.epochs.length + rest.epochs.length).toBe(6);
      expect([rest.finished, rest.bestEpoch, rest.step]).toEqual([true, 3, 12]);
      expect(await rest.trainer.snapshot()).toEqual(await result.trainer.snapshot());
    }
  });

  it('from a run that has ended has nothing left to train', async () => {
    for (const patience of [3, 20]) {
      const { result } = await run(losses, { patience });
      const { result: rest } = await run(losses, { patience }, { resume: result.checkpoint });
      expect([rest.finished, rest.epochs, rest.step]).toEqual([true, [], result.step]);
      expect(rest.bestEpoch).toBe(result.bestEpoch);
      expect(await rest.trainer.snapshot()).toEqual(await result.trainer.snapshot());
    }
  });

  it('from a run that has ended continues with more patience as if it had not ended', async () => {
    const patient = { patience: 20 };
    const { result: whole } = await run(losses, patient);
    const { result: ended } = await run(losses, watching);
    const { result: rest } = await run(losses, patient, { resume: ended.checkpoint }, ended.epochs.length);
    expect(rest.epochs.map(({ epoch }) => epoch)).toEqual([7, 8]);
    expect([rest.bestEpoch, rest.checkpoint.step]).toEqual([whole.bestEpoch, whole.checkpoint.step]);
    expect(rest.checkpoint.values).toEqual(whole.checkpoint.values);
    expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());
  });

  it('continues without early stopping as if there had been none', async () => {
    const { checkpoints } = await run(losses, watching);
    const plain = await fit(await lineOptions({ epochs: losses.length }));
    const rest = await fit(await lineOptions({ epochs: losses.length, resume: checkpoints[4] } as object));
    expect([rest.finished, rest.step]).toEqual([true, 16]);
    expect(rest).not.toHaveProperty('bestEpoch');
    expect(await rest.trainer.snapshot()).toEqual(await plain.trainer.snapshot());
    expect(rest.checkpoint).not.toHaveProperty('stopping');
  });
});
