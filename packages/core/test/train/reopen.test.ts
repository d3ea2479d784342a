// Lost devices: a run that reopens them ends with the same bits and reports nothing twice.
import type { Checkpoint, Device, FitOptions, FitResult, Plan, PlanData, Tensors } from '@isonet/core';
import {
  adam,
  BackendError,
  constant,
  DeviceLostError,
  fit,
  float32,
  streamKey,
  Trainer,
  TrainingLostError,
  uniformBlock,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { lineOptions, train } from './line.ts';
import type { Operation, LossyDevice } from './lossyDevice.ts';
import { atNth, lossyDevice, never } from './lossyDevice.ts';
import { options } from './tiny.ts';

interface RunRecord {
  readonly steps: readonly unknown[];
  readonly epochs: readonly unknown[];
  readonly values: Tensors;
  readonly result: FitResult;
  /** The number of times the device was reopened. */
  readonly opened: number;
}

/** Records a run of 4 epochs with 2 steps each, without its seconds. Each reopening returns the next of these devices. */
async function recordRun(
  first: Device,
  next: readonly Device[] = [],
  changes: Partial<FitOptions> = {},
): Promise<RunRecord> {
  const steps: unknown[] = [];
  const epochs: unknown[] = [];
  let opened = 0;
  const given = await lineOptions({
    device: first,
    epochs: 4,
    optimizer: adam(),
    schedule: constant(0.01),
    validation: train,
    movingAverage: { decay: 0.5 },
    reopen: async () => next[opened++] ?? lossyDevice(never),
    onStep: ({ totals: { seconds: _, ...totals }, ...step }) => steps.push({ ...step, totals }),
    onEpoch: ({ seconds: _, ...report }) => epochs.push(report),
    ...changes,
  });
  const result = await fit(given);
  return { steps, epochs, values: await result.trainer.snapshot(), result, opened };
}

function expectSame(actual: RunRecord, expected: RunRecord): void {
  expect(actual.steps).toEqual(expected.steps);
  expect(actual.epochs).toEqual(expected.epochs);
  expect(actual.values).toEqual(expected.values);
  expect(actual.result.epochs).toHaveLength(expected.result.epochs.length);
  expect(actual.result.finished).toBe(true);
  expect(actual.result.step).toBe(expected.result.step);
}

/** Options that change the snapshot to which a run returns, or the operations on the device. */
const runs: readonly [string, Partial<FitOptions>][] = [
  ['from the start', {}],
  ['from the last step', { snapshotSeconds: 0 }],
  ['in parts', { snapshotSeconds: 0, microBatchSize: 1 }],
  ['with early stopping', { snapshotSeconds: 0, epochs: 9, earlyStopping: { patience: 2, mode: 'max' } }],
];

describe.each(runs)('a device that is reopened: %s', (_, changes) => {
  it.each<[Operation, string, number]>([
    ['compile', 'step', 1],
    ['run', '', 3],
    ['accepted', '', 1],
    ['accepted', '', 4],
    ['read', '', 1],
    ['read', '', 5],
    ['compile', 'evaluate', 1],
    ['read', 'evaluate', 1],
    ['read', 'evaluate', 4],
    ['createState', '', 2],
    ['state.read', '', 1],
    ['state.read', '', 3],
  ])('at %s %s, time %i', async (what, of, nth) => {
    // With gradient accumulation, programs have different names.
    const role = of === 'step' && 'microBatchSize' in changes ? 'accumulate' : of;
    const expected = await recordRun(await lossyDevice(never), [], changes);
    const actual = await recordRun(await lossyDevice(atNth(nth, what, role)), [], changes);
    expect(actual.opened).toBe(1);
    expectSame(actual, expected);
  });

  it('at random operations', async () => {
    let asked = 0;
    const counting = (): boolean => {
      asked++;
      return false;
    };
    const expected = await recordRun(await lossyDevice(counting), [], changes);
    const draws = uniformBlock(7, streamKey('moments'), 0, 0, 24);
    for (const draw of draws) {
      // Skips the first operation, which creates the state, and the last, which is the read of this test.
      const nth = 2 + Math.floor(draw * (asked - 2));
      const actual = await recordRun(await lossyDevice(atNth(nth)), [], changes);
      expect([nth, actual.opened]).toEqual([nth, 1]);
      expectSame(actual, expected);
    }
  });
});

describe('a device that is lost more than once', () => {
  it('is reopened every time if the run makes progress in between', async () => {
    const expected = await recordRun(await lossyDevice(never));
    const devices = await Promise.all(
      Array.from(uniformBlock(8, streamKey('again'), 0, 0, 12), (draw) =>
        lossyDevice(atNth(20 + Math.floor(12 * draw))),
      ),
    );
    const [first, ...next] = devices;
    if (!first) throw new Error('twelve devices');
    const actual = await recordRun(first, next, { snapshotSeconds: 0 });
    expect(actual.opened).toBeGreaterThan(3);
    expectSame(actual, expected);
  });

  it('may be lost before any training', async () => {
    const expected = await recordRun(await lossyDevice(never));
    const next = [await lossyDevice(atNth(1)), await lossyDevice(atNth(2))];
    const actual = await recordRun(await lossyDevice(atNth(9)), next);
    expect(actual.opened).toBe(3);
    expectSame(actual, expected);
  });

  it.each<[string, () => (operation: Operation, role: string) => boolean]>([
    ['at its first step', () => atNth(1, 'compile')],
    ['at the same step', () => atNth(4, 'read')],
    ['while its state is created', () => atNth(1, 'createState')],
    ['while it evaluates', () => atNth(1, 'compile', 'evaluate')],
  ])('is given up without progress: %s', async (_, loses) => {
    const first = await lossyDevice(atNth(4, 'read'));
    const next = await Promise.all([1, 2, 3, 4, 5].map(() => lossyDevice(loses())));
    let opened = 0;
    const reopen = async (): Promise<Device> => next[opened++] ?? lossyDevice(never);
    const run = recordRun(first, [], { reopen, snapshotSeconds: 1000 });
    await expect(run).rejects.toThrow(TrainingLostError);
    await expect(run).rejects.toThrow(
      /^the card fell off the bus; it was lost 4 times within one step; the last snapshot is from step 0$/,
    );
    expect(opened).toBe(3);
  });
});

/** Returns the TrainingLostError that a promise must reject with. */
async function lostOf(run: Promise<unknown>): Promise<TrainingLostError> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TrainingLostError)) throw new Error('it was not lost', { cause: error });
  return error;
}

describe('a device that cannot be reopened', () => {
  it.each([0, 60])(
    'leaves a checkpoint that resumes with the same bits: a snapshot every %i seconds',
    async (snapshotSeconds) => {
      const given = (device: Device, more: Partial<FitOptions> = {}): Promise<FitOptions> =>
        options({ device, epochs: 2, snapshotSeconds, ...more });
      const whole = await fit(await given(await reference.open()));
      for (const nth of [1, 3, 5]) {
        const reported: number[] = [];
        const onStep = ({ step }: { readonly step: number }): void => void reported.push(step);
        const run = fit(await given(await lossyDevice(atNth(nth, 'read', 'step')), { onStep }));
        const error = await lostOf(run);
        expect(error).toBeInstanceOf(DeviceLostError);
        expect(error.code).toBe('DEVICE_LOST');
        const step = snapshotSeconds === 0 ? nth - 1 : 0;
        expect(error.message).toBe(
          `the card fell off the bus; pass reopen to open the device again, or resume; the last snapshot is from step ${step}`,
        );
        expect(reported).toEqual(Array.from({ length: nth - 1 }, (_, i) => i + 1));
        expect(error.checkpoint.step).toBe(step);
        const rest = await fit(await given(await reference.open(), { resume: error.checkpoint }));
        expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());
      }
    },
  );

  it('reports the reason', async () => {
    const cause = new Error('no such card');
    const failing: readonly (() => Promise<Device>)[] = [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ];
    for (const reopen of failing) {
      const error = await lostOf(recordRun(await lossyDevice(atNth(1, 'read')), [], { reopen }));
      expect(error.message).toBe(
        'the card fell off the bus; it cannot be reopened: no such card; the last snapshot is from step 0',
      );
      expect(error.cause).toBe(cause);
      expect(error.checkpoint.step).toBe(0);
    }
  });

  it('is distinguished from other errors, which end the run', async () => {
    let opened = 0;
    const reopen = async (): Promise<Device> => {
      opened++;
      return lossyDevice(never);
    };
    const failed = new BackendError('RUN', 'a kernel failed');
    const onStep = (): void => {
      throw failed;
    };
    await expect(recordRun(await lossyDevice(never), [], { reopen, onStep })).rejects.toBe(failed);
    expect(opened).toBe(0);
  });
});

describe('the plans of a reopened device', () => {
  const marked =
    (mark: string) =>
    (plan: Plan): Plan => ({
      id: `${plan.id} ${mark}`,
      data: { format: 'mine', version: 1, mark },
    });

  it('are those of the lost device', async () => {
    const next = await lossyDevice(never, marked('a'));
    const roles: string[] = [];
    const onProgram = (role: string): void => void roles.push(role);
    await recordRun(await lossyDevice(atNth(4, 'read'), marked('a')), [next], { onProgram });
    const plan: PlanData = { format: 'mine', version: 1, mark: 'a' };
    expect(next.given[0]).toEqual(plan);
    expect(roles.slice(0, 3)).toEqual(['step 2', 'evaluate 4', 'evaluate 4']);
  });

  it('are those of a trainer created beforehand', async () => {
    const run = async (mark: string): Promise<LossyDevice> => {
      const first = await lossyDevice(atNth(4, 'read'), marked('a'));
      const given = await lineOptions({ device: first, movingAverage: { decay: 0.5 }, optimizer: adam() });
      const trainer = await Trainer.create({ ...given, values: { bias: float32([2]) } });
      const next = await lossyDevice(never, marked(mark));
      await recordRun(first, [next], { trainer });
      return next;
    };
    expect((await run('a')).given[0]).toEqual({ format: 'mine', version: 1, mark: 'a' });
    await expect(run('b')).rejects.toMatchObject({ code: 'PLAN' });
  });

  it('are rejected if they differ', async () => {
    for (const [what, role] of [
      ['read', 'step 2'],
      ['compile', 'step 2'],
    ] as const) {
      const next = await lossyDevice(never, marked('b'));
      const run = recordRun(await lossyDevice(atNth(what === 'read' ? 4 : 2, what), marked('a')), [next]);
      await expect(run).rejects.toThrow(BackendError);
      await expect(run).rejects.toMatchObject({ code: 'PLAN' });
      await expect(run).rejects.toThrow(
        `the reopened device compiles a different plan for "${role}", so the remaining steps would not match bit for bit`,
      );
    }
  });
});

describe('callbacks', () => {
  it('are awaited, without device operations meanwhile', async () => {
    const events: string[] = [];
    const device = await lossyDevice((asked) => {
      events.push(asked);
      return false;
    });
    const slow = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      events.push(`${name} ends`);
    };
    const calls = { onStart: slow('onStart'), onStep: slow('onStep'), onEpoch: slow('onEpoch') };
    await recordRun(device, [], { ...calls, onSnapshot: slow('onSnapshot'), snapshotSeconds: 0, epochs: 2 });
    const begins = events.flatMap((event, i) => (event.endsWith('begins') ? [i] : []));
    const counts = ['onStart', 'onStep', 'onEpoch', 'onSnapshot'].map(
      (name) => events.filter((event) => event === `${name} begins`).length,
    );
    expect(counts).toEqual([1, 4, 2, 4]);
    for (const i of begins) expect(events[i + 1]).toBe(events[i]?.replace('begins', 'ends'));
  });

  it('that reject end the run', async () => {
    for (const name of ['onStart', 'onStep', 'onEpoch', 'onSnapshot']) {
      const error = new Error(name);
      const run = recordRun(await lossyDevice(never), [], {
        snapshotSeconds: 0,
        [name]: async () => Promise.reject(error),
      });
      await expect(run).rejects.toBe(error);
    }
  });
});

it('an epoch whose callback loses the device after its checkpoint is reported again', async () => {
  const expected = await recordRun(await lossyDevice(never));
  let failures = 0;
  const epochs: number[] = [];
  const actual = await recordRun(await lossyDevice(never), [], {
    onEpoch: async ({ epoch }, _trainer, checkpoint) => {
      await checkpoint();
      if (epoch === 2 && failures++ === 0) throw new DeviceLostError('the card was reset');
      epochs.push(epoch);
    },
  });
  expect(epochs).toEqual([1, 2, 3, 4]);
  expect(actual.opened).toBe(1);
  expect(actual.result.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  expect(actual.values).toEqual(expected.values);
});

describe('snapshotSeconds', () => {
  it('0 takes one after each step, from each of which the run resumes to the same end', async () => {
    const checkpoints: Checkpoint[] = [];
    const onSnapshot = (checkpoint: Checkpoint): void => void checkpoints.push(checkpoint);
    const whole = await recordRun(await lossyDevice(never), [], { snapshotSeconds: 0, onSnapshot });
    expect(checkpoints.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const resume of checkpoints) {
      const rest = await recordRun(await lossyDevice(never), [], { resume });
      expect(rest.values).toEqual(whole.values);
      expect(rest.steps).toEqual(whole.steps.slice(resume.step));
      expect(rest.epochs).toEqual(whole.epochs.slice(-rest.epochs.length));
    }
  });

  it('takes one before a long evaluation, and counts a checkpoint of onEpoch as one', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    // A step takes 10 s and an epoch of two steps 20 s, but only 10 s are recorded at its end. The evaluation estimate is
    // therefore about 3 s.
    const taken = async (snapshotSeconds: number, asks = false): Promise<readonly number[]> => {
      const steps: number[] = [];
      await recordRun(await lossyDevice(never), [], {
        snapshotSeconds,
        onStep: () => void vi.setSystemTime(Date.now() + 10_000),
        onSnapshot: ({ step }) => void steps.push(step),
        onEpoch: (_report, _trainer, checkpoint) => (asks ? checkpoint() : undefined),
      });
      return steps;
    };
    expect(await taken(28)).toEqual([3, 6]);
    expect(await taken(23)).toEqual([2, 4, 6, 8]);
    expect(await taken(28, true)).toEqual([]);
  });

  it.each([-1, NaN])('rejects %d', async (snapshotSeconds) => {
    await expect(recordRun(await lossyDevice(never), [], { snapshotSeconds })).rejects.toThrow(
      `fit: snapshotSeconds: expected a number of at least 0, got ${snapshotSeconds}`,
    );
  });
});
