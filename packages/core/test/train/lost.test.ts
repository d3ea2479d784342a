// Training on devices that are lost: in a terminated worker, and on devices that report a loss.
import type { Device, FitOptions, Port, StepResult, Tensors } from '@isonet/core';
import { DeviceLostError, fit, inWorker, threefry2x32, Trainer, TrainingLostError } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { startWorker } from '../backend/remote/start.ts';
import { options, watched } from './tiny.ts';

/** The calls that two epochs of training make to a worker, with a lower bound for each count. */
const CALLS = { createState: 1, compile: 3, run: 8, readRun: 8, readState: 6 } as const;
type CallName = keyof typeof CALLS;

describe('training in a worker that is terminated', () => {
  let unbroken: Training;
  beforeAll(async () => {
    unbroken = await train(await reference.open());
  });

  it.each([
    ...Object.entries(CALLS).map(([name, count], seed) => losing(name as CallName, count, seed, 0)),
    losing('run', CALLS.run, 5, 1e6),
    losing('readRun', CALLS.readRun, 6, 1e6),
  ])(
    'continues in another worker with the same bits: $name $call, snapshots every $snapshotSeconds s',
    async ({ name, call, snapshotSeconds }) => {
      const opened: Device[] = [];
      const open = async (): Promise<Device> => {
        const start = opened.length === 0 ? () => terminatedAt(name, call) : () => startWorker('reference');
        const device = await inWorker('reference', start).open();
        opened.push(device);
        return device;
      };
      const training = await train(await open(), { reopen: open, snapshotSeconds });
      for (const device of opened) await device[Symbol.asyncDispose]();
      expect(opened).toHaveLength(2);
      await expect(opened[0]?.lost).resolves.toBe('the worker exited with code 1');
      expect(training).toEqual(unbroken);
    },
  );

  it('throws a checkpoint to resume from without reopen', async () => {
    await using device = await inWorker('reference', () => terminatedAt('run', 6)).open();
    const error: unknown = await train(device, { snapshotSeconds: 0 }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TrainingLostError);
    const { checkpoint } = error as TrainingLostError;
    expect(checkpoint.step).toBeGreaterThan(0);
    const rest = await train(await reference.open(), { resume: checkpoint });
    expect(rest.values).toEqual(unbroken.values);
    expect(rest.steps).toEqual(unbroken.steps.slice(checkpoint.step));
  });
});

describe('a device that is lost before the first step', () => {
  const reopen = (): Promise<Device> => reference.open();

  it('is reopened when the upload of the state fails, repeatedly if necessary', async () => {
    const unbroken = await train(await reference.open());
    const opening = vi.fn<() => Promise<Device>>(reopen).mockImplementationOnce(unable);
    expect(await train(await unable(), { reopen: opening })).toEqual(unbroken);
    expect(opening).toHaveBeenCalledTimes(2);
  });

  it('throws a TrainingLostError with the initial checkpoint without reopen', async () => {
    const run = train(await unable());
    await expect(run).rejects.toMatchObject({ name: 'TrainingLostError', checkpoint: { step: 0 } });
  });

  it('is reopened when it is lost in onStart, which is then called with the new trainer', async () => {
    const trainers: Trainer[] = [];
    const training = await train(await reference.open(), {
      reopen,
      onStart: (trainer) => {
        trainers.push(trainer);
        if (trainers.length === 1) throw new DeviceLostError('lost in onStart');
      },
    });
    expect(new Set(trainers).size).toBe(2);
    expect(training).toEqual(await train(await reference.open()));
  });

  it('is reopened when a trainer created beforehand lost it', async () => {
    const given = await options();
    await using device = await reference.open();
    const run = await fit({ ...given, epochs: 0 });
    const values = await run.trainer.snapshot();
    let gone = false;
    const lossy: Device = {
      ...watched(device, (program, state, feeds) => program.run(state, feeds)),
      createState: async (start) => {
        const state = await device.createState(start);
        const read = state.read.bind(state);
        state.read = async (names) => {
          if (gone) throw new DeviceLostError('lost before fit');
          return read(names);
        };
        return state;
      },
    };
    const trainer = await Trainer.create({ ...given, device: lossy, values });
    gone = true;
    const training = await train(lossy, { trainer, reopen, snapshotSeconds: 0 });
    expect(training).toEqual(await train(await reference.open()));
  });

  it('throws a TrainingLostError if reopening rejects or throws', async () => {
    const fails = [
      () => Promise.reject(new Error('no driver')),
      () => {
        throw new Error('no driver');
      },
    ];
    for (const reopening of fails) {
      const run = train(await unable(), { reopen: reopening });
      await expect(run).rejects.toThrow(/^it is gone; it cannot be reopened: no driver; .* from step 0$/);
      await expect(run).rejects.toBeInstanceOf(TrainingLostError);
    }
  });
});

interface Losing {
  readonly name: CallName;
  /** The index of the call among all calls of this name, from 0. */
  readonly call: number;
  readonly snapshotSeconds: number;
}

function losing(name: CallName, count: number, seed: number, snapshotSeconds: number): Losing {
  return { name, call: threefry2x32(seed, 0, 0, 0)[0] % count, snapshotSeconds };
}

/** Starts a worker that is terminated when it receives this call. */
function terminatedAt(name: CallName, call: number): Port {
  const worker = startWorker('reference');
  const post = worker.postMessage.bind(worker);
  let count = 0;
  worker.postMessage = (message: unknown, transfer) => {
    post(message, transfer);
    const isCall = typeof message === 'object' && message !== null && 'name' in message;
    if (isCall && message.name === name && count++ === call) void worker.terminate();
  };
  return worker;
}

/** Opens a device that is lost as soon as a state is created. */
async function unable(): Promise<Device> {
  const device = await reference.open();
  return {
    ...watched(device, (program, state, feeds) => program.run(state, feeds)),
    createState: () => Promise.reject(new DeviceLostError('it is gone')),
  };
}

/** The reports of a training run, and its final snapshot. */
interface Training {
  readonly steps: readonly { readonly step: number; readonly batch: StepResult }[];
  readonly epochs: readonly object[];
  readonly values: Tensors;
}

async function train(device: Device, changes: Partial<FitOptions> = {}): Promise<Training> {
  const steps: { step: number; batch: StepResult }[] = [];
  const epochs: object[] = [];
  const { trainer } = await fit(
    await options({
      device,
      epochs: 2,
      onStep: ({ step, batch }) => void steps.push({ step, batch }),
      onEpoch: ({ seconds: _, ...report }) => void epochs.push(report),
      ...changes,
    }),
  );
  const values = await trainer.snapshot();
  await trainer[Symbol.asyncDispose]();
  return { steps, epochs, values };
}
