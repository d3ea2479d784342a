// Training runs without a command line: prepared, stopped by a signal, resumed, loaded.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { PreparedRun, RunContext, RunRecord, TrainingLimits, TrainingListener } from '@isonet/runs';
import { loadRun, prepareResumedRun, prepareRun, trainRun, UsageError } from '@isonet/runs';
import { expect, it, onTestFinished } from 'vitest';
import { tinyEntry, writeData } from './tiny.ts';

const settings = { backend: 'reference', data: 'data', batchSize: 10, epochs: 3, recipe: 'fast' } as const;
const quiet: TrainingListener = { step: () => undefined, epoch: () => undefined, note: () => undefined };

async function makeContext(): Promise<RunContext> {
  const cwd = await mkdtemp(join(tmpdir(), 'isonet-runs-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await writeData(join(cwd, 'data'), 1);
  const backends = [{ name: 'reference', load: () => Promise.resolve(reference) }];
  return { cwd, models: [tinyEntry(28)], backends };
}

async function trained(
  run: PreparedRun,
  listener: TrainingListener,
  limits?: TrainingLimits,
): Promise<RunRecord> {
  try {
    return await trainRun(run, listener, limits);
  } finally {
    await run.opened.device[Symbol.asyncDispose]();
  }
}

it('a run that is stopped and resumed ends in the bits of one that is not', async () => {
  const context = await makeContext();
  const weights = (out: string): Promise<Buffer> => readFile(join(context.cwd, out, 'weights.safetensors'));
  const whole = await prepareRun(context, 'tiny', { ...settings, out: 'whole' });
  expect(await trained(whole, quiet)).toMatchObject({ status: 'finished', step: 9 });

  const signal = { aborted: false };
  const stopping: TrainingListener = {
    ...quiet,
    step: ({ step }) => {
      signal.aborted = step === 4;
    },
  };
  const parts = await prepareRun(context, 'tiny', { ...settings, out: 'parts' });
  const stopped = await trained(parts, stopping, { signal });
  expect(stopped).toMatchObject({ status: 'stopped', history: [{ epoch: 1 }] });

  const answers: string[] = [];
  const resumed = await prepareResumedRun(
    context,
    'parts',
    { model: 'tiny' },
    {
      onDevice: ({ backend, why }) => answers.push(`${backend}: ${why}`),
      onData: ({ kind }) => answers.push(kind),
    },
  );
  expect(answers).toEqual(['reference: as the run began', 'folder']);
  expect(resumed.saved?.progress.step).toBe(stopped.step);
  expect(await trained(resumed, quiet)).toMatchObject({ status: 'finished', step: 9 });
  expect(await weights('parts')).toEqual(await weights('whole'));
  const { record, model } = await loadRun(context, 'parts');
  expect([record.status, model.name]).toEqual(['finished', 'tiny']);
});

it('a request that makes no sense is a UsageError, before anything is written', async () => {
  const context = await makeContext();
  const refused = [
    prepareRun(context, 'tyni', settings),
    prepareRun(context, 'tiny', { ...settings, recipe: 'fats' }),
    prepareRun(context, 'tiny', { ...settings, backend: 'referense' }),
    prepareResumedRun(context, 'nothing', { epochs: 3 }),
  ];
  for (const preparing of refused) await expect(preparing).rejects.toThrow(UsageError);
});
