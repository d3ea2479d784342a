// Test helpers: a context with data to train on, and a stopped run in it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@isonet/core';
import type {
  PreparedRun,
  RunContext,
  RunRecord,
  TrainingLimits,
  TrainingListener,
  TrainRequest,
} from '@isonet/runs';
import { prepareRun, trainRun } from '@isonet/runs';
import { onTestFinished } from 'vitest';
import { tinyEntry, writeData } from './tiny.ts';

/** Settings for three steps per epoch: two of 10 images, and one of 4. */
export const settings = { data: 'data', batchSize: 10, epochs: 3, recipe: 'fast' } as const;
const quiet: TrainingListener = {
  step: () => undefined,
  epoch: () => undefined,
  note: () => undefined,
};

export async function makeContext(...backends: readonly Backend[]): Promise<RunContext> {
  const cwd = await mkdtemp(join(tmpdir(), 'isonet-runs-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await writeData(join(cwd, 'data'), 1);
  const table = backends.map((backend) => ({ name: backend.name, load: () => Promise.resolve(backend) }));
  return { cwd, models: [tinyEntry(28)], backends: table };
}

/** Trains a run, and disposes of its device. */
export async function trained(
  run: PreparedRun,
  listener: TrainingListener = quiet,
  limits?: TrainingLimits,
): Promise<RunRecord> {
  try {
    return await trainRun(run, listener, limits);
  } finally {
    await run.opened.device[Symbol.asyncDispose]();
  }
}

/** Trains a run until the given step and one more are done, and saves it. */
export function trainedUntil(run: PreparedRun, last: number): Promise<RunRecord> {
  const signal = { aborted: false };
  const stopping: TrainingListener = {
    ...quiet,
    step: ({ step }) => {
      signal.aborted = step === last;
    },
  };
  return trained(run, stopping, { signal });
}

/** Creates a run in `run` that is stopped after step 5 of 9, in its second epoch. */
export async function stoppedRun(context: RunContext, request: TrainRequest): Promise<RunRecord> {
  const run = await prepareRun(context, 'tiny', { ...settings, out: 'run', ...request });
  return trainedUntil(run, 4);
}
