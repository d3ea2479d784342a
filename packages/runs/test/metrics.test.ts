// Tests metrics.jsonl: it has one line per segment and one per epoch, without duplicates, even after a crash.
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { EpochEntry, MetricsEntry, RunContext } from '@isonet/runs';
import { prepareResumedRun, prepareRun } from '@isonet/runs';
import { expect, it } from 'vitest';
import { makeContext, settings, stoppedRun, trained, trainedUntil } from './context.ts';

const fileOf = (context: RunContext): string => join(context.cwd, 'run', 'metrics.jsonl');

async function entries(context: RunContext): Promise<readonly MetricsEntry[]> {
  const text = await readFile(fileOf(context), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as MetricsEntry);
}

/** Summarizes entries as `start 0`, `epoch 1`, `resume 5`. */
const places = (list: readonly MetricsEntry[]): readonly string[] =>
  list.map((entry) => `${entry.event} ${entry.event === 'epoch' ? entry.epoch : entry.step}`);

const isEpoch = (entry: MetricsEntry): entry is EpochEntry => entry.event === 'epoch';

const resume = async (context: RunContext): Promise<void> => {
  await trained(await prepareResumedRun(context, 'run', { exact: true }));
};

it('records the model, the device and the data, then the report, the learning rate and the speed of each epoch', async () => {
  const context = await makeContext(reference);
  const request = { ...settings, backend: 'reference', validation: 0.2, out: 'run' };
  const reported: EpochEntry[] = [];
  const record = await trained(await prepareRun(context, 'tiny', request), {
    step: () => undefined,
    epoch: (entry) => reported.push(entry),
    note: () => undefined,
  });
  const [first, ...epochs] = await entries(context);
  expect(first).toMatchObject({
    event: 'start',
    model: 'tiny',
    task: 'classification',
    recipe: 'fast',
    backend: 'reference',
    device: 'cpu',
    deviceText: 'float64 loops in JavaScript',
    why: 'as requested',
    data: record.data,
    epochs: 3,
    batchSize: 10,
    step: 0,
    steps: 6,
  });
  expect(epochs).toEqual(reported);
  expect(epochs).toMatchObject(record.history.map((report, i) => ({ ...report, step: 2 * (i + 1) })));
  // One cycle of 6 steps, of which the first 1.8 rise to 0.03.
  expect(reported.map(({ lr }) => lr)).toEqual(
    [1, 3, 5].map((step) => expect.closeTo(rate(step), 12) as number),
  );
  for (const { time, imagesPerSecond, seconds } of reported) {
    expect(new Date(time).toISOString()).toBe(time);
    // The speed excludes evaluation, so it is at least as high as the speed that includes it.
    expect(imagesPerSecond).toBeGreaterThanOrEqual(20 / Math.max(seconds, 1e-3));
    expect(imagesPerSecond).toBeLessThan(1e6);
  }
});

function rate(step: number): number {
  return step < 1.8 ? 0.03 * (0.1 + 0.9 * (step / 1.8)) : 0.03 * ((6 - step) / (6 - 1.8));
}

it('records the learning rate of the last batch, which a recipe may scale with its size', async () => {
  const context = await makeContext(reference);
  const request = { ...settings, backend: 'reference', recipe: 'book', epochs: 1, lr: 0.05, out: 'run' };
  await trained(await prepareRun(context, 'tiny', request));
  const [epoch] = (await entries(context)).filter(isEpoch);
  // 24 images in batches of 10.
  expect(epoch?.lr).toBeCloseTo((0.05 * 4) / 10, 12);
});

it('records each epoch once for a run that was stopped and resumed', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  await trainedUntil(await prepareResumedRun(context, 'run', {}), 7);
  await resume(context);
  const all = await entries(context);
  expect(places(all)).toEqual(['start 0', 'epoch 1', 'resume 5', 'epoch 2', 'resume 8', 'epoch 3']);
  expect(all[2]).toMatchObject({ event: 'resume', why: 'as before', steps: 9 });
});

it('drops a torn line and lines after the checkpoint, which kill -9 may leave', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  const epoch1 = (await entries(context)).find(isEpoch);
  // A process resumed, wrote the second epoch but not its checkpoint, and was killed while writing a third line.
  const beyond = { ...epoch1, epoch: 2, step: 6 };
  const again = { event: 'resume', step: 5 };
  await appendFile(fileOf(context), `${JSON.stringify(again)}\n${JSON.stringify(beyond)}\n{"event":"epo`);
  await resume(context);
  const all = await entries(context);
  expect(places(all)).toEqual(['start 0', 'epoch 1', 'resume 5', 'epoch 2', 'epoch 3']);
  expect(all[1]).toEqual(epoch1);
});

it('records an epoch before its checkpoint, and still only once in the end', async () => {
  const context = await makeContext(reference);
  const run = await prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' });
  const checkpoint = join(context.cwd, 'run', 'checkpoints', 'step-3.safetensors');
  await mkdir(checkpoint, { recursive: true });
  await expect(trained(run)).rejects.toThrow('run/checkpoints/step-3.safetensors: not a regular file');
  expect(places(await entries(context))).toEqual(['start 0', 'epoch 1']);
  await rm(checkpoint, { recursive: true });
  await resume(context);
  expect(places(await entries(context))).toEqual(['start 0', 'epoch 1', 'epoch 2', 'epoch 3']);
});

it('starts again with a run that never saved', async () => {
  const context = await makeContext(reference);
  await trainedUntil(await prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' }), 1);
  await rm(join(context.cwd, 'run', 'checkpoints'), { recursive: true });
  const path = join(context.cwd, 'run', 'run.json');
  const record = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...record, step: 0, status: 'running' }));
  await resume(context);
  expect(places(await entries(context))).toEqual(['start 0', 'epoch 1', 'epoch 2', 'epoch 3']);
});

it('starts at the next resume in a run of an older isonet that did not write it', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  await rm(fileOf(context));
  await resume(context);
  expect(places(await entries(context))).toEqual(['resume 5', 'epoch 2', 'epoch 3']);
});

it('is complete for a run that is resumed with only an evaluation left in the epoch', async () => {
  const context = await makeContext(reference);
  // The run is stopped after the last step of the first epoch, before its evaluation.
  await trainedUntil(await prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' }), 3);
  await resume(context);
  const epochs = (await entries(context)).filter(isEpoch);
  expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  for (const { imagesPerSecond } of epochs) expect(imagesPerSecond).toBeGreaterThan(0);
});

it('stops the run with one line naming it if it cannot be written', async () => {
  const context = await makeContext(reference);
  const run = await prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' });
  await mkdir(fileOf(context));
  await expect(trained(run)).rejects.toThrow(/metrics\.jsonl: /);
});
