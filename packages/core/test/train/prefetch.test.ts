// The next batch is made while the device computes: what that must not change is the order, the errors, and the numbers.
import type { Checkpoint, Dataset, Device, Execution } from '@isonet/core';
import { fit } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { data, options, watched } from './tiny.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The data, with a say in each batch, counted from 0. */
function heard(onBatch: (index: number) => void): Dataset {
  let made = 0;
  return {
    length: data.length,
    batch: (indices) => {
      onBatch(made++);
      return data.batch(indices);
    },
  };
}

/** A device that takes feeds only some time after a run was asked for. */
function late(device: Device): Device {
  let last: Promise<unknown> = Promise.resolve();
  return watched(device, (program, state, feeds) => {
    const begun = last.then(turn).then(() => program.run(state, feeds));
    const accepted = begun.then((execution) => execution.accepted);
    last = accepted;
    return {
      accepted,
      read: async (names) => (await begun).read(names),
      discard: () => void begun.then((execution) => execution.discard()),
    };
  });
}

describe('fit', () => {
  it('makes the next batch while a step is under way, in the same order', async () => {
    const events: string[] = [];
    let runs = 0;
    const device = watched(await reference.open(), (program, state, feeds): Execution => {
      const index = runs++;
      const execution = program.run(state, feeds);
      events.push(`run ${index}`);
      return {
        accepted: turn().then(() => void events.push(`accepted ${index}`)),
        read: (names) => {
          events.push(`read ${index}`);
          return execution.read(names);
        },
        discard: () => execution.discard(),
      };
    });
    const train = heard((index) => events.push(`make ${index}`));
    await fit(await options({ device, epochs: 1, train }));
    const first = ['make 0', 'run 0', 'make 1', 'accepted 0'];
    const second = ['run 1', 'make 2', 'accepted 1', 'read 0'];
    const epoch = [...first, ...second, 'run 2', 'accepted 2', 'read 1', 'read 2'];
    // Then comes the evaluation.
    expect(events.slice(0, epoch.length)).toEqual(epoch);
  });

  it('feeds a device that is late with the same batches, whole or in parts', async () => {
    for (const parts of [{}, { microBatchSize: 3 }]) {
      const prompt = await fit(await options({ epochs: 2, ...parts }));
      const device = late(await reference.open());
      const { trainer } = await fit(await options({ epochs: 2, device, ...parts }));
      expect(await trainer.snapshot()).toEqual(await prompt.trainer.snapshot());
    }
  });

  it('throws what the data throws in its turn: the steps before it are reported', async () => {
    const error = new Error('image 17 is no image');
    const train = heard((index) => {
      if (index === 3) throw error;
    });
    const reported: number[] = [];
    const onStep = ({ step }: { readonly step: number }): void => void reported.push(step);
    const run = fit(await options({ epochs: 1, batchSize: 4, train, onStep }));
    await expect(run).rejects.toBe(error);
    expect(reported).toEqual([1, 2, 3]);
  });

  it('forgets what it made, errors too, when it is stopped, and goes on to the bit', async () => {
    const signal = { aborted: false };
    const train = heard((index) => {
      if (index === 2) throw new Error('made, and not wanted');
    });
    const onStep = (): void => void (signal.aborted = true);
    const part = await fit(await options({ epochs: 1, train, onStep, signal }));
    expect([part.finished, part.step, part.totals.count]).toEqual([false, 2, 16]);
    const values = await part.trainer.snapshot();
    const resume: Checkpoint = { step: part.step, values, epoch: part.totals };
    const rest = await fit(await options({ epochs: 1, resume }));
    const whole = await fit(await options({ epochs: 1 }));
    expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());
  });
});
