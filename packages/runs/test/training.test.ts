// Tests training runs without a command line: preparing, stopping by a signal, resuming and loading.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import { listRuns, loadRun, prepareResumedRun, prepareRun, UsageError } from '@isonet/runs';
import { expect, it } from 'vitest';
import { makeContext, settings as common, trained, trainedUntil } from './context.ts';

const settings = { ...common, backend: 'reference' } as const;

it('a run that is stopped and resumed has the same final weights as an uninterrupted one', async () => {
  const context = await makeContext(reference);
  const weights = (out: string): Promise<Buffer> => readFile(join(context.cwd, out, 'weights.safetensors'));
  const whole = await prepareRun(context, 'tiny', { ...settings, out: 'whole' });
  expect(await trained(whole)).toMatchObject({ status: 'finished', step: 9 });

  const parts = await prepareRun(context, 'tiny', { ...settings, out: 'parts' });
  const stopped = await trainedUntil(parts, 4);
  expect(stopped).toMatchObject({ status: 'stopped', history: [{ epoch: 1 }] });

  const answers: string[] = [];
  const resumed = await prepareResumedRun(
    context,
    'parts',
    { model: 'tiny' },
    {
      onDevice: ({ backend, why }) => answers.push(`${backend}: ${why}`),
      onData: ({ source }) => answers.push(source.kind),
    },
  );
  expect(answers).toEqual(['reference: as before', 'folder']);
  expect(resumed.saved?.step).toBe(stopped.step);
  expect(await trained(resumed)).toMatchObject({ status: 'finished', step: 9 });
  expect(await weights('parts')).toEqual(await weights('whole'));
  const { record, model } = await loadRun(context, 'parts');
  expect([record.status, model.name]).toEqual(['finished', 'tiny']);
});

it('an invalid request is a UsageError before anything is written', async () => {
  const context = await makeContext(reference);
  const refused = [
    () => prepareRun(context, 'tyni', settings),
    () => prepareRun(context, 'tiny', { ...settings, recipe: 'fats' }),
    () => prepareRun(context, 'tiny', { ...settings, backend: 'referense' }),
    () => prepareResumedRun(context, 'nothing', { seed: 3 }),
  ];
  for (const prepare of refused) await expect(prepare()).rejects.toThrow(UsageError);
  for (const [field, flag] of [
    ['epochs', '--epochs'],
    ['batchSize', '--batch-size'],
    ['microBatch', '--micro-batch'],
    ['limit', '--limit'],
  ] as const) {
    for (const value of [0, 1.5, NaN, Infinity]) {
      await expect(prepareRun(context, 'tiny', { ...settings, [field]: value })).rejects.toThrow(
        new UsageError(`${flag}: expected an integer of at least 1, got ${value}`),
      );
    }
  }
  expect(await listRuns(context.cwd)).toEqual({ runs: [], otherFolders: 0 });
});
