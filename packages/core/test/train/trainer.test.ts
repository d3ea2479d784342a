// Trainers: steps run in the order of their calls, and release outputs that will not be read.
import type { Dataset, Device, Execution } from '@isonet/core';
import { constant, fit, float32, he, initialize, NonFiniteError, sgd, stateOf, Trainer } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it, vi } from 'vitest';
import { data, firstImages, model, options, watched } from './tiny.ts';

async function trainerOn(device: Device, microBatchSize?: number): Promise<Trainer> {
  const values = initialize(stateOf(model).parameters, he, 5);
  const parts = microBatchSize === undefined ? {} : { microBatchSize };
  return Trainer.create({ model, device, optimizer: sgd(), values, seed: 5, ...parts });
}

/** Wraps a device, and tracks the executions that are neither read nor discarded. */
function counted(device: Device, refuses: (run: number) => boolean = () => false): [Device, Set<number>] {
  const open = new Set<number>();
  let runs = 0;
  const watching = watched(device, (program, state, feeds): Execution => {
    const index = runs++;
    const execution = program.run(state, refuses(index) ? {} : feeds);
    open.add(index);
    return {
      accepted: execution.accepted,
      read: (names) => {
        open.delete(index);
        return execution.read(names);
      },
      discard: () => {
        open.delete(index);
        execution.discard();
      },
    };
  });
  return [watching, open];
}

describe('Trainer', () => {
  it('starts steps in call order, even if the first must be compiled', async () => {
    const order: (number | undefined)[] = [];
    const device = watched(await reference.open(), (program, state, feeds) => {
      order.push(feeds['labels']?.shape[0]);
      return program.run(state, feeds);
    });
    const trainer = await trainerOn(device);
    await trainer.prepare(1);
    const started = [trainer.start(firstImages(2), 0, 0.1), trainer.start(firstImages(1), 1, 0.1)];
    for (const { read } of await Promise.all(started)) await read();
    expect(order).toEqual([2, 1]);
  });

  it.each([-1, 0.5, 2 ** 32])('rejects a seed and a step of %d', async (bad) => {
    const device = await reference.open();
    const trainer = await trainerOn(device);
    const all = await trainer.gradients(firstImages(2), { step: 0 });
    const text = `expected an integer from 0 to 4,294,967,295, got ${bad}`;
    for (const asked of [
      trainer.step(firstImages(2), bad, 0.1),
      trainer.gradients(firstImages(2), { step: bad }),
      trainer.apply(all, bad, 0.1),
    ]) {
      await expect(asked).rejects.toThrow(`step: ${text}`);
    }
    const values = await trainer.snapshot();
    const other = Trainer.create({ model, device, optimizer: sgd(), values, seed: bad });
    await expect(other).rejects.toThrow(`seed: ${text}`);
    await expect(fit(await options({ seed: bad }))).rejects.toThrow(`fit: seed: ${text}`);
  });

  it('rejects slots of another shape when it is created', async () => {
    const device = await reference.open();
    const values = initialize(stateOf(model).parameters, he, 5);
    const made = Trainer.create({
      model,
      device,
      optimizer: sgd({ momentum: 0.9 }),
      values: { ...values, 'velocity/c1.w': float32([3]) },
      seed: 5,
    });
    await expect(made).rejects.toThrow(
      'values of tiny: "velocity/c1.w" expected float32 [4, 1, 3, 3], got float32 [3]',
    );
  });

  it('reads and restores in call order', async () => {
    const trainer = await trainerOn(await reference.open());
    const other = await trainerOn(await reference.open());
    const start = await trainer.snapshot();
    const first = trainer.start(firstImages(2), 0, 0.1); // Not compiled yet.
    const [after, restoring] = [trainer.snapshot(), trainer.restore(start)];
    const restored = trainer.weights();
    await (await first).read();
    await restoring;
    await (await other.start(firstImages(2), 0, 0.1)).read();
    expect(await after).toEqual(await other.snapshot());
    expect(await restored).toEqual(start);
  });

  it('overwrites everything that a failed run may have damaged when it restores', async () => {
    const trainer = await trainerOn(await reference.open(), 2);
    const fresh = await trainer.state.read();
    const before = await trainer.snapshot();
    await (await trainer.start(firstImages(6), 0, 0.1)).read();
    await trainer.restore(before);
    expect(await trainer.state.read()).toEqual(fresh);
  });

  it('continues after a step that could not be started', async () => {
    const trainer = await trainerOn(await reference.open(), 2);
    const wrong = { inputs: firstImages(4).inputs, labels: firstImages(3).labels };
    const [refused, next] = [trainer.start(wrong, 0, 0.1), trainer.start(firstImages(3), 0, 0.1)];
    await expect(refused).rejects.toThrow('expected labels int32 [4] or');
    await expect((await next).read()).resolves.toMatchObject({ count: 3 });
  });

  it('discards all runs of a step if one is refused', async () => {
    const [device, open] = counted(await reference.open(), (run) => run === 1);
    const trainer = await trainerOn(device, 2);
    await expect(trainer.step(firstImages(6), 0, 0.1)).rejects.toThrow('is missing');
    expect([...open]).toEqual([]);
  });
});

describe('fit', () => {
  it('disposes of the trainer passed in when it throws', async () => {
    for (const changes of [
      { epochs: -1 },
      { parameters: [{ match: 'nothing' }], schedule: () => NaN },
      { onStart: () => Promise.reject(new Error('no start')) },
    ]) {
      const given = await options();
      const trainer = await trainerOn(given.device);
      await expect(fit({ ...given, trainer, ...changes })).rejects.toThrow(/./);
      await expect(trainer.weights()).rejects.toThrow('disposed');
    }
  });

  it('disposes of a trainer from another copy of core, too', async () => {
    vi.resetModules();
    const { Trainer: OtherTrainer } = await import('@isonet/core');
    expect(OtherTrainer).not.toBe(Trainer);
    const given = await options();
    const values = initialize(stateOf(model).parameters, he, 5);
    const trainer = await OtherTrainer.create({ ...given, model, optimizer: sgd(), values, seed: 5 });
    await expect(fit({ ...given, trainer, epochs: -1 })).rejects.toThrow('epochs: expected');
    await expect(trainer.weights()).rejects.toThrow('disposed');
  });

  it('discards the steps after one that fails', async () => {
    const broken: Dataset = {
      length: data.length,
      batch: (indices) => {
        const batch = data.batch(indices);
        batch.inputs.data.fill(NaN);
        return batch;
      },
    };
    const [device, open] = counted(await reference.open());
    const given = await options({ device, train: broken, schedule: constant(0.1), microBatchSize: 3 });
    await expect(fit(given)).rejects.toThrow(NonFiniteError);
    expect([...open]).toEqual([]);
  });

  it('discards all started steps if one is refused', async () => {
    const [device, open] = counted(await reference.open(), (run) => run === 1);
    await expect(fit(await options({ device, epochs: 1 }))).rejects.toThrow('is missing');
    expect([...open]).toEqual([]);
  });
});
