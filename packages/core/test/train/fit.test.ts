// The training loop on the float64 reference: a run is a function of its seed, and a stopped run resumes bit for bit.
import type { Checkpoint, Dataset, StepProgress } from '@isonet/core';
import {
  adamW,
  classification,
  constant,
  conv2d,
  cosine,
  DataError,
  evaluate,
  fit,
  flatten,
  globalAvgPool2d,
  NonFiniteError,
  sequential,
  subset,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { data, model, options } from './tiny.ts';

describe('fit', () => {
  it('learns, reports each epoch, and evaluates what it reports', async () => {
    const steps: StepProgress[] = [];
    const given = await options({ onStep: (progress) => steps.push(progress) });
    const { trainer, epochs, finished, step } = await fit(given);
    expect(finished).toBe(true);
    expect(step).toBe(60);
    expect(steps.map(({ step: done }) => done)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(steps.slice(0, 3).map(({ batch }) => batch.count)).toEqual([8, 8, 6]);
    expect(epochs).toHaveLength(20);
    expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss ?? 0) * 0.5);
    expect(epochs.at(-1)?.testAccuracy).toBeGreaterThan(0.9);
    const { metrics } = await evaluate({ ...given, state: trainer.state, data, batchSize: 5 });
    expect(metrics['accuracy']).toBe(epochs.at(-1)?.testAccuracy);
  });

  it('evaluates the averaged weights with movingAverage', async () => {
    const given = await options({ epochs: 2, validation: data, movingAverage: { decay: 0.9 } });
    const { trainer, epochs } = await fit(given);
    const { device, state } = trainer;
    const averages = await device.createState(await trainer.averagedWeights());
    const averaged = await evaluate({ model, device, state: averages, data });
    const plain = await evaluate({ model, device, state, data });
    expect(epochs.at(-1)).toMatchObject({ validationLoss: averaged.loss, testLoss: averaged.loss });
    expect(plain.loss).not.toBe(averaged.loss);
  });

  it('trains the same weights for the same seed, and others for another seed', async () => {
    const weights = async (seed: number): Promise<unknown> =>
      (await fit(await options({ epochs: 2, seed }))).trainer.snapshot();
    const first = await weights(3);
    expect(await weights(3)).toEqual(first);
    expect(await weights(4)).not.toEqual(first);
  });

  it('stops between steps on its signal, and resumes bit for bit, even in the middle of an epoch', async () => {
    const whole = await fit(await options({ epochs: 3 }));
    const signal = { aborted: false };
    const part = await fit(
      await options({
        epochs: 3,
        signal,
        onStep: ({ step }) => {
          if (step === 4) signal.aborted = true;
        },
      }),
    );
    expect(part.finished).toBe(false);
    expect(part.step % 3).not.toBe(0);
    const values = await part.trainer.snapshot();
    const resume: Checkpoint = { step: part.step, values, epoch: part.totals };
    const rest = await fit(await options({ epochs: 3, resume }));
    expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());
    const reported = [...part.epochs, ...rest.epochs].map(({ seconds: _, ...report }) => report);
    expect(reported).toEqual(whole.epochs.map(({ seconds: _, ...report }) => report));
  });

  it('resumes bit for bit with running statistics and slots, which are part of the state', async () => {
    const layer = sequential({
      c1: conv2d(4, { kernel: 3, activation: 'relu', batchNorm: true }),
      c2: conv2d(2, { kernel: 3 }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    });
    const changes = {
      model: { ...model, layer },
      optimizer: adamW({ weightDecay: 0.01 }),
      schedule: cosine({ peak: 0.05, warmup: 0.2 }),
      task: classification({ labelSmoothing: 0.1 }),
      clipNorm: 0.5,
      epochs: 2,
    };
    const whole = await fit(await options(changes));
    const signal = { aborted: false };
    const part = await fit(
      await options({ ...changes, signal, onStep: ({ step }) => void (signal.aborted ||= step === 1) }),
    );
    expect([part.finished, part.step]).toEqual([false, 2]);
    const values = await part.trainer.snapshot();
    const learned = ['c1.w', 'c1.bn.scale', 'c1.bn.b', 'c2.w', 'c2.b'];
    const slots = learned.flatMap((name) => [`mean/${name}`, `square/${name}`]);
    const buffers = ['c1.bn.mean', 'c1.bn.variance'];
    expect(Object.keys(values).toSorted()).toEqual([...learned, ...slots, ...buffers].toSorted());
    expect(Object.keys(await part.trainer.weights()).toSorted()).toEqual([...learned, ...buffers].toSorted());
    const rest = await fit(
      await options({ ...changes, resume: { step: part.step, values, epoch: part.totals } }),
    );
    expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());
  });

  it('resumes only with the batches in which it was stopped', async () => {
    const signal = { aborted: false };
    const onStep = ({ step }: StepProgress): void => void (signal.aborted ||= step === 1);
    const { checkpoint: resume } = await fit(await options({ epochs: 2, signal, onStep }));
    for (const changes of [{ batchSize: 4 }, { train: subset(data, [1, 2, 3, 4, 5, 6, 7, 8, 9]) }]) {
      const other = fit(await options({ epochs: 2, resume, ...changes }));
      await expect(other).rejects.toMatchObject({ code: 'RESUME' });
    }
    const { checkpoint } = await fit(await options({ epochs: 1 }));
    const other = fit(await options({ epochs: 2, batchSize: 4, resume: checkpoint }));
    await expect(other).rejects.toThrow(
      'fit: resume: step 3: expected 12 samples in its epoch, with batches of 4, got 0; pass the data, ' +
        'batchSize and dropLast of the original run',
    );
    const torn = fit(await options({ resume: { ...checkpoint, step: 1.5 } }));
    await expect(torn).rejects.toThrow('fit: resume: step: expected an integer of at least 0, got 1.5');
  });

  it('refuses a checkpoint after the epoch callback, when steps are in flight', async () => {
    const whole = await fit(await options({ epochs: 2 }));
    let checkpoint: (() => Promise<Checkpoint>) | undefined;
    let resume: Checkpoint | undefined;
    const late: unknown[] = [];
    const given = await options({
      epochs: 2,
      onEpoch: async (_, __, now) => {
        await Promise.resolve();
        resume ??= await now();
        checkpoint = now;
      },
      onStep: async () => {
        late.push(await checkpoint?.().catch((error: unknown) => error));
      },
    });
    await fit(given);
    expect(late.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    for (const error of late.slice(3)) {
      expect(error).toBeInstanceOf(DataError);
      expect(error).toMatchObject({ code: 'CHECKPOINT' });
    }
    expect(late).toHaveLength(6);
    if (!resume) throw new Error('no checkpoint was taken');
    const rest = await fit(await options({ epochs: 2, resume }));
    expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());
  });

  it('stops during evaluation, and reports the epoch after it resumes', async () => {
    const whole = await fit(await options({ epochs: 2 }));
    const signal = { aborted: false };
    const watched: Dataset = {
      length: data.length,
      batch: (indices) => {
        signal.aborted = true;
        return data.batch(indices);
      },
    };
    const part = await fit(await options({ epochs: 2, signal, test: watched }));
    expect([part.finished, part.step, part.epochs.length, part.totals.count]).toEqual([false, 3, 0, 22]);
    const resume: Checkpoint = { step: 3, values: await part.trainer.snapshot(), epoch: part.totals };
    const rest = await fit(await options({ epochs: 2, resume }));
    const untimed = rest.epochs.map(({ seconds: _, ...report }) => report);
    expect(untimed).toEqual(whole.epochs.map(({ seconds: _, ...report }) => report));
  });

  it('lets timers run while it trains, even on a backend that computes on this thread', async () => {
    const signal = { aborted: false };
    setTimeout(() => (signal.aborted = true), 1);
    const run = await fit(await options({ epochs: 100_000, signal }));
    expect(run.finished).toBe(false);
  });

  it('stops at the step whose gradient is not finite', async () => {
    const broken: Dataset = {
      length: 22,
      batch: (indices) => {
        const { inputs, labels } = data.batch(indices);
        if (indices.includes(0)) inputs.data[indices.indexOf(0) * 36] = NaN;
        return { inputs, labels };
      },
    };
    const run = fit(await options({ train: broken, schedule: constant(0.1) }));
    await expect(run).rejects.toThrow(NonFiniteError);
    await expect(run).rejects.toThrow(
      /^step [1-3]: images of sample 0 of the dataset contain NaN \(loss NaN\); training halted before its update; check the data$/,
    );
  });
});
