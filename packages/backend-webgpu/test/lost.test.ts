// Tests training runs that lose their device: they continue on a newly opened device and end with the same bits. They run on the
// software driver.
import type { Batch, Checkpoint, Dataset, FitOptions, Model, StepResult, Tensors } from '@isonet/core';
import {
  constant,
  conv2d,
  dropout,
  fit,
  flatten,
  float32,
  he,
  int32,
  sequential,
  sgd,
  streamKey,
  threefry2x32,
  TrainingLostError,
  uniformBlock,
} from '@isonet/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { listAdapters } from '../src/adapters/open.ts';
import type { Loss, LosingDevice, Moment } from './losing.ts';
import { moments, openLosing } from './losing.ts';

const { adapters, absent } = await listAdapters();
const missing = adapters.some(({ id }) => id === 'software')
  ? ''
  : `: ${absent.map(({ reason }) => reason).join('; ')}`;

/**
 * The minimum number of calls of each kind in the training runs below, without the final read of the last evaluation.
 */
const CALLS: Readonly<Record<Moment, number>> = {
  start: 8,
  'first compile': 20,
  'later compile': 3,
  step: 6,
  read: 6,
  evaluation: 3,
  snapshot: 6,
};

const model: Model = {
  name: 'tiny',
  input: { name: 'images', shape: [1, 5, 5] },
  output: { name: 'logits', shape: [2] },
  layer: sequential({
    c1: conv2d(3, { kernel: 3, activation: 'relu', batchNorm: true }),
    drop: dropout(0.25),
    c2: conv2d(2, { kernel: 3 }),
    flatten: flatten(),
  }),
};

describe.skipIf(missing !== '')(`a training run that loses its device${missing}`, () => {
  let unbroken: Training;
  beforeAll(async () => {
    unbroken = await train([]);
  });

  test.each(Array.from({ length: 2 * moments.length }, (_, seed) => [textOf(lossOf(seed)), seed] as const))(
    'continues with the same bits after a loss during %s (seed %i)',
    async (_, seed) => {
      const loss = lossOf(seed);
      // For every third seed, the reopened device is lost as well, before it contains the snapshot.
      const again = seed % 3 === 0 ? ({ ...loss, moment: 'start', call: 2 } as const) : undefined;
      const snapshotSeconds = loss.moment === 'snapshot' || seed % 2 === 0 ? 0 : 1e6;
      const training = await train([loss, again], { snapshotSeconds });
      expect(training.opened).toHaveLength(again ? 3 : 2);
      const during = loss.after.unit === 'microtasks' ? [loss.moment] : [];
      expect([...(training.opened[0]?.hit ?? [])]).toEqual(expect.arrayContaining(during));
      expect(resultOf(training)).toEqual(resultOf(unbroken));
    },
  );

  test('returns the last snapshot if the device is not reopened, and resumes from it bit for bit', async () => {
    for (const { moment, call, step } of [
      { moment: 'start', call: 0, step: 0 },
      { moment: 'read', call: 4, step: 4 },
    ] as const) {
      const lost = await train([{ ...lossOf(0), moment, call }], { reopen: false });
      expect(lost.error).toBeInstanceOf(TrainingLostError);
      const { checkpoint } = lost.error as TrainingLostError;
      expect(checkpoint.step).toBe(step);
      const rest = await train([], { resume: checkpoint });
      const { steps, epochs, values } = resultOf(rest);
      expect(values).toEqual(unbroken.values);
      expect([...lost.steps.slice(0, step), ...steps]).toEqual(unbroken.steps);
      expect([...lost.epochs, ...epochs]).toEqual(unbroken.epochs);
    }
  });

  test('gives up if every newly opened device is lost immediately', async () => {
    const loss: Loss = { ...lossOf(0), moment: 'start', call: 0 };
    const { error, opened } = await train([loss, loss, loss, loss, loss]);
    expect(error).toBeInstanceOf(TrainingLostError);
    expect(error).toMatchObject({
      message: expect.stringContaining('lost 4 times within one step') as unknown,
    });
    expect(opened).toHaveLength(4);
  });
});

/**
 * Returns the loss of a seed. The first seeds lose the device during an operation of each kind, and the next ones after
 * it; everything else is random.
 */
function lossOf(seed: number): Loss {
  let count = 0;
  const pick = (n: number): number => threefry2x32(seed, 0, count++, 0)[0] % n;
  const moment = moments[seed % moments.length] ?? 'step';
  const isLater = seed >= moments.length;
  return {
    moment,
    call: pick(CALLS[moment]),
    after: isLater
      ? pick(2) === 0
        ? { unit: 'turns', count: 1 + pick(3) }
        : { unit: 'microtasks after its end', count: pick(2) }
      : { unit: 'microtasks', count: pick(4) },
    newsMs: pick(2) === 0 ? 0 : 20,
  };
}

function textOf({ moment, call, after: { unit, count }, newsMs }: Loss): string {
  return `${moment} ${call}, ${count} ${unit}, reported ${newsMs} ms later`;
}

/** The reports and the result of a training run. */
interface Training {
  readonly steps: readonly { readonly step: number; readonly batch: StepResult }[];
  readonly epochs: readonly object[];
  /** The final snapshot; undefined if the run failed. */
  readonly values: Tensors | undefined;
  readonly error: unknown;
  readonly opened: readonly LosingDevice[];
}

function resultOf({ steps, epochs, values, error }: Training): Omit<Training, 'opened'> {
  return { steps, epochs, values, error };
}

/**
 * Trains, and checks that no buffer is left behind.
 * @param losses the losses of the devices, in the order in which they are opened
 */
async function train(
  losses: readonly (Loss | undefined)[],
  {
    snapshotSeconds = 0,
    reopen = true,
    resume,
  }: { readonly snapshotSeconds?: number; readonly reopen?: boolean; readonly resume?: Checkpoint } = {},
): Promise<Training> {
  const opened: LosingDevice[] = [];
  const open = async (): Promise<FitOptions['device']> => {
    const one = await openLosing(losses[opened.length]);
    opened.push(one);
    return one.device;
  };
  const steps: { step: number; batch: StepResult }[] = [];
  const epochs: object[] = [];
  let [values, error]: [Tensors | undefined, unknown] = [undefined, undefined];
  try {
    const { trainer } = await fit({
      model,
      device: await open(),
      train: noise(22),
      test: noise(10),
      epochs: 2,
      batchSize: 8,
      optimizer: sgd({ momentum: 0.9 }),
      schedule: constant(0.1),
      initializer: he,
      seed: 3,
      snapshotSeconds,
      onStep: ({ step, batch }) => void steps.push({ step, batch }),
      onEpoch: ({ seconds: _, ...report }) => void epochs.push(report),
      ...(reopen ? { reopen: open } : {}),
      ...(resume ? { resume } : {}),
    });
    values = await trainer.snapshot();
    await trainer[Symbol.asyncDispose]();
  } catch (caught) {
    error = caught;
  }
  expect(opened.flatMap(({ live }) => live())).toEqual([]);
  for (const { device } of opened) await device[Symbol.asyncDispose]();
  return { steps, epochs, values, error, opened };
}

/** Returns a dataset of noise images whose two classes alternate. */
function noise(length: number): Dataset {
  const image = (index: number): readonly number[] => [...uniformBlock(1, streamKey('pixels'), index, 0, 25)];
  return {
    length,
    batch: (indices): Batch => ({
      inputs: float32([indices.length, 1, 5, 5], Array.from(indices, image).flat()),
      labels: int32(
        [indices.length],
        Array.from(indices, (index) => index % 2),
      ),
    }),
  };
}
