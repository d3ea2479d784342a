// Tests processes that are killed between the files of one save: the checkpoint, which is written first, determines the
// others.
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { EpochEntry, RunContext, TrainRequest } from '@isonet/runs';
import { prepareResumedRun, prepareRun } from '@isonet/runs';
import { expect, it } from 'vitest';
import { choosing } from './choosing.ts';
import { makeContext, settings, trained } from './context.ts';

const quiet = { step: () => undefined, epoch: () => undefined, note: () => undefined };

/**
 * Trains `whole` without interruption, and leaves `run` as if its process had been killed right after it wrote the
 * checkpoint of the last epoch: all other files are still those of the previous epoch.
 */
async function killedAfterLastCheckpoint(context: RunContext, request: TrainRequest): Promise<void> {
  const [whole, run] = [join(context.cwd, 'whole'), join(context.cwd, 'run')];
  const last = settings.epochs;
  const prepared = await prepareRun(context, 'tiny', { ...settings, ...request, out: 'whole' });
  await trained(prepared, {
    ...quiet,
    epoch: async ({ epoch }: EpochEntry) => {
      if (epoch === last - 1) await cp(whole, run, { recursive: true });
    },
  });
  await rm(join(run, 'checkpoints'), { recursive: true });
  await cp(join(whole, 'checkpoints'), join(run, 'checkpoints'), { recursive: true });
}

/** Reads a file of both runs, `run` first. */
async function both(context: RunContext, name: string): Promise<readonly [Buffer, Buffer]> {
  return [await readFile(join(context.cwd, 'run', name)), await readFile(join(context.cwd, 'whole', name))];
}

function timeless(record: Buffer): unknown {
  // The resumed run has one more segment.
  const own = new Set(['seconds', 'started', 'updated', 'segments']);
  return JSON.parse(String(record), (name, value: unknown) => (own.has(name) ? 0 : value));
}

it('resuming writes weights of the last epoch that were not written yet', async () => {
  const context = await makeContext(reference);
  await killedAfterLastCheckpoint(context, { backend: 'reference' });
  const [stale, wanted] = await both(context, 'weights.safetensors');
  expect(stale).not.toEqual(wanted);
  const run = await prepareResumedRun(context, 'run', { exact: true });
  expect(await trained(run)).toMatchObject({ status: 'finished', step: 9 });
  expect((await both(context, 'weights.safetensors'))[0]).toEqual(wanted);
  const [record, whole] = await both(context, 'run.json');
  expect(timeless(record)).toEqual(timeless(whole));
});

it('resuming writes the best weights that were not written yet', async () => {
  const context = await makeContext(reference);
  await killedAfterLastCheckpoint(context, { backend: 'reference', validation: 0.2 });
  const [stale, wanted] = await both(context, 'best.safetensors');
  expect(stale).not.toEqual(wanted);
  await trained(await prepareResumedRun(context, 'run', { exact: true }));
  expect((await both(context, 'best.safetensors'))[0]).toEqual(wanted);
  expect((await both(context, 'weights.safetensors'))[0]).toEqual(wanted);
});

it('a folder with plan.json but without run.json, which is written later, can be reused', async () => {
  const context = await makeContext(choosing('tuned', () => ({ tile: 4 })));
  const request = { ...settings, backend: 'tuned', out: 'run' };
  await trained(await prepareRun(context, 'tiny', request));
  for (const name of await readdir(join(context.cwd, 'run'))) {
    if (name !== 'plan.json') await rm(join(context.cwd, 'run', name), { recursive: true });
  }
  const again = await trained(await prepareRun(context, 'tiny', request));
  expect(again).toMatchObject({ status: 'finished', step: 9 });
});
