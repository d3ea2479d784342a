// The next batch is built while the device computes. This must not change the order, the errors or the results.
import type { Checkpoint, Dataset, Device, Execution } from '@isonet/core';
import { fit } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { data, options, watched } from './tiny.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Returns the data with a callback for each batch, counted from 0. */
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

/** Wraps a device so that it accepts feeds only some time after a run is requested. */
function late(device: Device): Device {
  let last: Promise<unknown> = Promise.resolve();
  return watched(device, (program, state, feeds) => {
    const started = last.then(turn).then(() => program.run(state, feeds));
    const accepted = started.then((execution) => execution.accepted);
    last = accepted;
    return {
      accepted,
      read: async (names) => (await started).read(names),
      discard: () => void started.then((execution) => execution.discard()),
    };
  });
}

describe('fit', () => {
  it('builds the next batch while a step is in flight, in the same order', async () => {
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
    // The evaluation follows.
    expect(events.slice(0, epoch.length)).toEqual(epoch);
  });

  it('feeds a slow device with the same batches, whole or in parts', async () => {
    for (const parts of [{}, { microBatchSize: 3 }]) {
      const prompt = await fit(await options({ epochs: 2, ...parts }));
      const device = late(await reference.open());
      const { trainer } = await fit(await options({ epochs: 2, device, ...parts }));
      expect(await trainer.snapshot()).toEqual(await prompt.trainer.snapshot());
    }
  });

  it('throws an error of the data after the preceding steps are reported', async () => {
    const error = new Error('image 17 is not an image');
    const train = heard((index) => {
      if (index === 3) throw error;
    });
    const reported: number[] = [];
    const onStep = ({ step }: { readonly step: number }): void => void reported.push(step);
    const run = fit(await options({ epochs: 1, batchSize: 4, train, onStep }));
    await expect(run).rejects.toBe(error);
    expect(reported).toEqual([1, 2, 3]);
  });

  it('discards prefetched batches and errors when it is stopped, and resumes bit for bit', async () => {
    const signal = { aborted: false };
    const train = heard((index) => {
      if (index === 2) throw new Error('prefetched, but not needed');
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
