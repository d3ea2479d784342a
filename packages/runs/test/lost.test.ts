// Tests devices that are lost while a run trains: they are reopened, or the run keeps its last saved state.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainingLostError } from '@isonet/core';
import type { RunContext, TrainingListener } from '@isonet/runs';
import { prepareResumedRun, prepareRun } from '@isonet/runs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { makeContext, settings, trained } from './context.ts';
import { fragile } from './fragile.ts';

const weights = (context: RunContext, run: string): Promise<Buffer> =>
  readFile(join(context.cwd, run, 'weights.safetensors'));

function listening(step: TrainingListener['step'] = () => undefined): TrainingListener & { notes: string[] } {
  const notes: string[] = [];
  return { notes, step, epoch: () => undefined, note: (text) => void notes.push(text) };
}

const request = { ...settings, backend: 'reference', threads: 3 };

async function wholeRun(): Promise<Buffer> {
  const context = await makeContext(fragile(Infinity).backend);
  await trained(await prepareRun(context, 'tiny', { ...request, out: 'run' }));
  return weights(context, 'run');
}

it('a lost device is reopened with the same options, and the weights are the same', async () => {
  const { backend, log } = fragile(5);
  const context = await makeContext(backend);
  const listener = listening();
  const record = await trained(await prepareRun(context, 'tiny', { ...request, out: 'run' }), listener);
  expect(record).toMatchObject({ status: 'finished', step: 9, segments: [{ step: 0 }] });
  expect(record.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  expect(listener.notes).toEqual([
    'note: reference, cpu was lost and has been reopened; training continues from the last snapshot',
  ]);
  expect(log).toEqual({ opened: [{ threads: 3 }, { threads: 3, device: 'cpu' }], closed: 2 });
  expect(await weights(context, 'run')).toEqual(await wholeRun());
  // The repeated steps do not appear twice.
  const metrics = (await readFile(join(context.cwd, 'run', 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
  const epochs = metrics.slice(1).map((line) => (JSON.parse(line) as { epoch: number }).epoch);
  expect(epochs).toEqual([1, 2, 3]);
});

it('if a device cannot be reopened, the run keeps the last epoch, and a note gives the command to resume it', async () => {
  const { backend, log } = fragile(5, 1);
  const context = await makeContext(backend);
  const listener = listening();
  const training = trained(await prepareRun(context, 'tiny', { ...request, out: 'run' }), listener);
  const error = await training.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TrainingLostError);
  expect(String(error)).toMatch(/the card was reset; it cannot be reopened: the card is gone; [^\n]+$/);
  expect(listener.notes).toEqual([
    'note: run keeps the state after step 3; to resume it: npx isonet train --resume run',
  ]);
  expect(log).toMatchObject({ closed: 1 });
  const elsewhere = { ...context, backends: (await makeContext(fragile(Infinity).backend)).backends };
  const resumed = await prepareResumedRun(elsewhere, 'run', {});
  expect([resumed.record.status, resumed.saved?.step]).toEqual(['failed', 3]);
  await trained(resumed);
  expect(await weights(context, 'run')).toEqual(await wholeRun());
});

it('if a device cannot be reopened, the run keeps the last snapshot if that is newer', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { backend } = fragile(6, 1);
  const context = await makeContext(backend);
  const listener = listening(({ step }) => {
    if (step === 4) vi.setSystemTime(Date.now() + 61_000);
  });
  const training = trained(await prepareRun(context, 'tiny', { ...request, out: 'run' }), listener);
  await expect(training).rejects.toThrow('the last snapshot is from step 5');
  expect(listener.notes).toEqual([
    'note: run keeps the state after step 5; to resume it: npx isonet train --resume run',
  ]);
  const elsewhere = { ...context, backends: (await makeContext(fragile(Infinity).backend)).backends };
  const resumed = await prepareResumedRun(elsewhere, 'run', {});
  expect(resumed.record).toMatchObject({ status: 'failed', step: 5, history: [{ epoch: 1 }] });
  await trained(resumed);
  expect(await weights(context, 'run')).toEqual(await wholeRun());
});

it('a reopened device with other plans is rejected', async () => {
  const { backend, log } = fragile(5, 2, (first) => `other ${first}`);
  const context = await makeContext(backend);
  const training = trained(await prepareRun(context, 'tiny', { ...request, out: 'run' }));
  await expect(training).rejects.toThrow('the reopened device compiles a different plan for "step 10"');
  expect(log.closed).toBe(2);
});
