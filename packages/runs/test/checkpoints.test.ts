// Tests the checkpoints of a run: checkpoints within an epoch, the last two, damaged ones, and the leftovers of a killed
// process.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import { decodeSafetensors, encodeSafetensors } from '@isonet/core';
import type { EpochEntry, PreparedRun, RunContext, TrainingListener, TrainRequest } from '@isonet/runs';
import { loadRun, prepareResumedRun, prepareRun } from '@isonet/runs';
import { describe, expect, it, vi } from 'vitest';
import { makeContext, settings, stoppedRun, trained, trainedUntil } from './context.ts';

const on = { ...settings, backend: 'reference' } as const;
const at = (context: RunContext, ...names: readonly string[]): string => join(context.cwd, 'run', ...names);

const checkpointsOf = async (context: RunContext): Promise<readonly string[]> =>
  (await readdir(at(context, 'checkpoints'))).toSorted();

function prepared(context: RunContext, request: TrainRequest = {}): Promise<PreparedRun> {
  return prepareRun(context, 'tiny', { ...on, out: 'run', ...request });
}

/** Returns the weights of an uninterrupted run. */
async function wholeWeights(request: TrainRequest = {}): Promise<Buffer> {
  const context = await makeContext(reference);
  await trained(await prepared(context, request));
  return readFile(at(context, 'weights.safetensors'));
}

/** Flips a bit of the last byte, which belongs to a tensor. */
async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** Resolves when run.json records a step. */
async function saved(run: PreparedRun, step: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const text = await readFile(join(run.folder.path, 'run.json'), 'utf8');
      expect(JSON.parse(text)).toMatchObject({ step });
    },
    { timeout: 10_000, interval: 5 },
  );
}

/** Trains a run and abandons it at a step, as after kill -9: nothing is written afterwards. */
async function killed(run: PreparedRun, last: number): Promise<void> {
  const dead = new Error('killed');
  const listener: TrainingListener = {
    step: async ({ step }) => {
      await saved(run, step - 1);
      if (step === last) throw dead;
    },
    epoch: () => undefined,
    note: () => undefined,
  };
  const text = (): Promise<string> => readFile(join(run.folder.path, 'run.json'), 'utf8');
  await expect(trained(run, listener, { checkpointSeconds: 0 })).rejects.toThrow(dead);
  await writeFile(join(run.folder.path, 'run.json'), (await text()).replace('"failed"', '"running"'));
}

describe('within an epoch', () => {
  it('a run is saved while it trains, and ends with the same bits after a kill', async () => {
    const context = await makeContext(reference);
    await killed(await prepared(context), 5);
    // Step 4 was saved, and step 3 at the end of the first epoch.
    expect(await checkpointsOf(context)).toEqual(['step-3.safetensors', 'step-4.safetensors']);
    expect((await loadRun(context, 'run')).record).toMatchObject({ status: 'running', step: 4 });
    const run = await prepareResumedRun(context, 'run', { exact: true });
    expect(run.saved).toMatchObject({ step: 4, epoch: { count: 10 }, history: [{ epoch: 1 }] });
    expect(await trained(run)).toMatchObject({ status: 'finished', step: 9 });
    expect(await readFile(at(context, 'weights.safetensors'))).toEqual(await wholeWeights());
  });

  it('no checkpoint is written before the interval has passed', async () => {
    const context = await makeContext(reference);
    const run = await prepared(context, { epochs: 1 });
    const seen: (readonly string[])[] = [];
    await trained(run, {
      step: async () => void seen.push(await readdir(at(context))),
      epoch: () => undefined,
      note: () => undefined,
    });
    expect(seen).toHaveLength(3);
    for (const names of seen) expect(names).not.toContain('checkpoints');
  });

  it('a save that fails stops the training, and the folder keeps the last saved state', async () => {
    const context = await makeContext(reference);
    const run = await prepared(context);
    // The speed of the disk determines which of them is hit first.
    const obstacles = Array.from({ length: 8 }, (_, i) =>
      at(context, 'checkpoints', `step-${i + 2}.safetensors`),
    );
    for (const path of obstacles) await mkdir(path, { recursive: true });
    const notes: string[] = [];
    const training = trained(
      run,
      {
        step: async ({ step }) => {
          if (step === 2) await saved(run, 1);
        },
        epoch: () => undefined,
        note: (text) => notes.push(text),
      },
      { checkpointSeconds: 0 },
    );
    await expect(training).rejects.toThrow(/^run.checkpoints.step-[2-4]\.safetensors: not a regular file/);
    expect(notes).toEqual([
      'note: run keeps the state after step 1; to resume it: npx isonet train --resume run',
    ]);
    for (const path of obstacles) await rm(path, { recursive: true });
    await trained(await prepareResumedRun(context, 'run', { exact: true }));
    expect(await readFile(at(context, 'weights.safetensors'))).toEqual(await wholeWeights());
  });
});

describe('the last two checkpoints', () => {
  it('are kept, but only the last one of a finished run', async () => {
    const context = await makeContext(reference);
    const run = await prepared(context);
    const seen: (readonly string[])[] = [];
    await trained(run, {
      step: () => undefined,
      epoch: async () => void seen.push(await checkpointsOf(context)),
      note: () => undefined,
    });
    expect(seen).toEqual([
      ['step-3.safetensors'],
      ['step-3.safetensors', 'step-6.safetensors'],
      ['step-6.safetensors', 'step-9.safetensors'],
    ]);
    expect(await checkpointsOf(context)).toEqual(['step-9.safetensors']);
  });

  it.each([
    ['has a flipped bit in a tensor', flip, 'the checksum does not match the contents: the file is damaged'],
    [
      'was truncated',
      async (path: string) => writeFile(path, (await readFile(path)).subarray(0, -8)),
      'the file is truncated or damaged',
    ],
    ['is empty', (path: string) => writeFile(path, ''), 'truncated: expected at least 8 bytes, got 0'],
  ])('include a fallback, used with a note, if the newest %s', async (_, damage, problem) => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    await damage(at(context, 'checkpoints', 'step-5.safetensors'));
    const notes: string[] = [];
    const onNote = (text: string): void => void notes.push(text);
    const run = await prepareResumedRun(context, 'run', {}, { onNote });
    expect(notes).toEqual([expect.stringContaining(problem)]);
    expect(notes[0]).toMatch(
      /^note: run.checkpoints.step-5\.safetensors: .*; resuming from the previous checkpoint, of step 3$/,
    );
    expect(run.saved?.step).toBe(3);
    await trained(run);
    expect(await readFile(at(context, 'weights.safetensors'))).toEqual(await wholeWeights());
    expect(await checkpointsOf(context)).toEqual(['step-9.safetensors']);
  });

  it('are rejected and kept if both are damaged', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    for (const step of [3, 5]) await flip(at(context, 'checkpoints', `step-${step}.safetensors`));
    await expect(prepareResumedRun(context, 'run', {})).rejects.toMatchObject({
      code: 'CHECKSUM',
      message:
        'run/checkpoints/step-5.safetensors: the checksum does not match the contents: the file is damaged',
    });
    expect(await checkpointsOf(context)).toEqual(['step-3.safetensors', 'step-5.safetensors']);
  });
});

it('weights with a flipped bit are rejected', async () => {
  const context = await makeContext(reference);
  await trained(await prepared(context, { epochs: 1 }));
  await flip(at(context, 'weights.safetensors'));
  const refused = 'run/weights.safetensors: the checksum does not match the contents: the file is damaged';
  await expect(loadRun(context, 'run')).rejects.toThrow(refused);
  const from = prepareRun(context, 'tiny', { ...on, weights: 'run' });
  await expect(from).rejects.toThrow('weights.safetensors: the checksum does not match the contents');
});

it('the weights with the lowest validation loss are saved', async () => {
  const context = await makeContext(reference);
  const losses: number[] = [];
  const weights: Buffer[] = [];
  const record = await trained(await prepared(context, { validation: 0.2, lr: 1, epochs: 5 }), {
    step: () => undefined,
    epoch: async ({ validationLoss }: EpochEntry) => {
      losses.push(validationLoss ?? NaN);
      weights.push(await readFile(at(context, 'weights.safetensors')));
    },
    note: () => undefined,
  });
  const best = losses.indexOf(Math.min(...losses));
  expect(best).toBeLessThan(record.history.length - 1);
  expect(await readFile(at(context, 'best.safetensors'))).toEqual(weights[best]);
  expect(await readFile(at(context, 'weights.safetensors'))).toEqual(weights.at(-1));
  const { weights: loaded } = await loadRun(context, 'run/best.safetensors');
  expect(loaded).toEqual(decodeSafetensors(await readFile(at(context, 'best.safetensors'))).tensors);
  const next = await prepareRun(context, 'tiny', { ...on, weights: 'run/best.safetensors', out: 'next' });
  expect(await trained(next)).toMatchObject({ status: 'finished' });
  await expect(loadRun(context, 'next/best.safetensors')).rejects.toThrow(
    'run "next" has no best.safetensors: only runs with validation images (--validation 0.1) save it, after an epoch',
  );
});

it('temporary files of killed processes are removed when the run is resumed', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  const left = [at(context, '.run.json.123.tmp'), at(context, 'checkpoints', '.step-6.safetensors.123.tmp')];
  for (const path of left) await writeFile(path, 'half');
  await trained(await prepareResumedRun(context, 'run', {}));
  const names = await readdir(at(context), { recursive: true });
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('the single checkpoint of isonet 0.3.0, without a checksum, is read and counts as one of the last two', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  const { tensors, metadata } = decodeSafetensors(
    await readFile(at(context, 'checkpoints', 'step-5.safetensors')),
  );
  const old = encodeSafetensors(tensors, { progress: metadata['progress'] ?? '' });
  await rm(at(context, 'checkpoints'), { recursive: true });
  await writeFile(at(context, 'checkpoint.safetensors'), old);
  const run = await prepareResumedRun(context, 'run', { exact: true });
  expect(run.saved?.step).toBe(5);
  expect(await trainedUntil(run, 6)).toMatchObject({ status: 'stopped', step: 6 });
  expect(await readdir(at(context))).toContain('checkpoint.safetensors');
  await trained(await prepareResumedRun(context, 'run', { exact: true }));
  expect(await readFile(at(context, 'weights.safetensors'))).toEqual(await wholeWeights());
});
