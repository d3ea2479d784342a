// Tests the settings of a resumed run: compared with its checkpoint, or changed deliberately and recorded.
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { ResumeRequest, RunContext, RunRecord } from '@isonet/runs';
import { prepareResumedRun, prepareRun, UsageError } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { makeContext, settings, stoppedRun, trained, trainedUntil } from './context.ts';
import { writeData } from './tiny.ts';

const at = (context: RunContext, name: string): string => join(context.cwd, 'run', name);

/** Creates a run that is stopped after step 5 of 9, in its second epoch of 3. */
async function stopped(): Promise<RunContext> {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  return context;
}

/** Creates a finished run of one epoch of 3 steps. */
async function finished(request: ResumeRequest = {}): Promise<RunContext> {
  const context = await makeContext(reference);
  const own = { ...settings, backend: 'reference', epochs: 1, out: 'run', ...request };
  await trained(await prepareRun(context, 'tiny', own));
  return context;
}

async function edit(context: RunContext, before: string, after: string): Promise<void> {
  const text = await readFile(at(context, 'run.json'), 'utf8');
  expect(text).toContain(before);
  await writeFile(at(context, 'run.json'), text.replaceAll(before, after));
}

async function resumed(context: RunContext, request: ResumeRequest = {}): Promise<RunRecord> {
  return trained(await prepareResumedRun(context, 'run', request));
}

describe('an edit of run.json is rejected, naming the original setting', () => {
  const restore = 'the file was edited or is damaged: restore it, or train another run';
  const change = (option: string): string =>
    `restore it, then change it with: npx isonet train --resume RUN --${option} N`;
  it.each([
    ['"lr": 0.03', '"lr": 0.3', `options.lr: expected 0.03, as in its checkpoint, got 0.3; ${change('lr')}`],
    ['"seed": 0', '"seed": 1', `options.seed: expected 0, as in its checkpoint, got 1; ${restore}`],
    ['"clipNorm": null', '"clipNorm": 1', 'options.clipNorm: expected null, as in its checkpoint, got 1'],
    ['"dropout": null', '"dropout": 0.5', 'options.dropout: expected null, as in its checkpoint, got 0.5'],
    ['"microBatchSize": null', '"microBatchSize": 5', 'options.microBatchSize: expected null'],
    [
      '"recipe": "fast"',
      '"recipe": "book"',
      'options.recipe: expected "fast", as in its checkpoint, got "book"',
    ],
    ['"test": 10', '"test": 11', 'data.test: expected 10, as in its checkpoint, got 11'],
    ['"sha256": "', '"sha256": "0', 'data.sha256: expected "'],
  ])('%s -> %s', async (before, after, message) => {
    const context = await stopped();
    await edit(context, before, after);
    const file = join('run', 'run.json');
    await expect(prepareResumedRun(context, 'run', {})).rejects.toThrow(`${file}: ${message}`);
  });

  it('"epochs" and "steps" together', async () => {
    const context = await stopped();
    await edit(context, '"epochs": 3', '"epochs": 4');
    await edit(context, '"steps": 9', '"steps": 12');
    await expect(prepareResumedRun(context, 'run', {})).rejects.toThrow(
      `options.epochs: expected 3, as in its checkpoint, got 4; ${change('epochs')}`,
    );
  });
});

describe('changed epochs or a changed learning rate', () => {
  it('apply to the rest of the run, and are recorded', async () => {
    const context = await stopped();
    const record = await resumed(context, { epochs: 4, lr: 0.1 });
    expect(record).toMatchObject({
      status: 'finished',
      step: 12,
      steps: 12,
      options: { epochs: 4, lr: 0.1 },
    });
    expect(record.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(record.segments).toMatchObject([
      { step: 0 },
      { step: 5, changes: { epochs: { from: 3, to: 4 }, lr: { from: 0.03, to: 0.1 } } },
    ]);
    const metrics = await readFile(at(context, 'metrics.jsonl'), 'utf8');
    const start = metrics
      .split('\n')
      .map((line) => JSON.parse(line || '{}') as { event?: string })
      .find(({ event }) => event === 'resume');
    expect(start).toMatchObject({
      epochs: 4,
      steps: 12,
      changes: { epochs: { from: 3, to: 4 }, lr: { from: 0.03, to: 0.1 } },
    });
  });

  it('have no effect if they are the same as before', async () => {
    const [plain, same] = [await stopped(), await stopped()];
    const record = await resumed(same, { epochs: 3, lr: 0.03 });
    expect(record.segments[1]).not.toHaveProperty('changes');
    await resumed(plain);
    const weights = await Promise.all([plain, same].map((one) => readFile(at(one, 'weights.safetensors'))));
    expect(weights[0]).toEqual(weights[1]);
  });

  it('survive a kill before the next checkpoint, and another change', async () => {
    const context = await stopped();
    // The process dies after writing run.json and before writing a checkpoint.
    const run = await prepareResumedRun(context, 'run', { lr: 0.1 });
    const saved = join(context.cwd, 'kept');
    await cp(at(context, 'checkpoints'), saved, { recursive: true });
    await trainedUntil(run, 6);
    await rm(at(context, 'checkpoints'), { recursive: true });
    await cp(saved, at(context, 'checkpoints'), { recursive: true });
    const record = await resumed(context, { lr: 0.2 });
    expect(record.options.lr).toBe(0.2);
    expect(record.segments).toMatchObject([
      { step: 0 },
      { step: 5, changes: { lr: { from: 0.03, to: 0.2 } } },
    ]);
  });

  it('continue a finished run from its final state', async () => {
    const context = await finished();
    await expect(prepareResumedRun(context, 'run', {})).rejects.toMatchObject({
      code: 'RUN_FINISHED',
      message:
        'run "run" is finished; to train it for longer: npx isonet train --resume run --epochs 2; to start another run from its weights: npx isonet train tiny --weights run',
    });
    const record = await resumed(context, { epochs: 3 });
    expect(record).toMatchObject({
      status: 'finished',
      step: 9,
      history: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }],
    });
    expect(record.segments).toMatchObject([
      { step: 0 },
      { step: 3, changes: { epochs: { from: 1, to: 3 } } },
    ]);
    expect(await resumed(context, { epochs: 4 })).toMatchObject({ status: 'finished', step: 12 });
  });

  it('are rejected in one line if they are invalid', async () => {
    const context = await stopped();
    const refused: readonly (readonly [ResumeRequest, string])[] = [
      [
        { epochs: 1 },
        '--epochs: expected more than the 1.67 epochs that run "run" has already trained, got 1',
      ],
      [{ epochs: 0 }, '--epochs: expected an integer of at least 1, got 0'],
      [{ lr: NaN }, '--lr: expected a number above 0, got NaN'],
      [{ lr: 1, exact: true }, '--exact continues the run unchanged: leave out --epochs and --lr'],
      [{ seed: 1 }, '--resume keeps the settings of the run, except --epochs and --lr: leave out --seed'],
    ];
    for (const [request, message] of refused) {
      await expect(prepareResumedRun(context, 'run', request)).rejects.toThrow(new UsageError(message));
    }
    const done = await finished();
    await expect(prepareResumedRun(done, 'run', { epochs: 1 })).rejects.toThrow(
      new UsageError('--epochs: expected more than the 1 epoch that run "run" has already trained, got 1'),
    );
  });

  it('are rejected if early stopping ended the run', async () => {
    const context = await finished({ epochs: 30, lr: 10, validation: 0.2, patience: 1 });
    await expect(prepareResumedRun(context, 'run', { epochs: 40 })).rejects.toThrow(
      /^--epochs: early stopping ended run "run" after epoch \d+, so more epochs change nothing; to start another run from its weights: --weights run$/,
    );
  });

  it('are rejected for a finished run of isonet 0.3.0, which has no checkpoint', async () => {
    const context = await finished();
    await rm(at(context, 'checkpoints'), { recursive: true });
    await expect(prepareResumedRun(context, 'run', { epochs: 2 })).rejects.toThrow(
      'run "run" finished after 3 steps, but its checkpoints are missing: start another run with npx isonet train',
    );
  });
});

it('changed test images are rejected', async () => {
  const context = await stopped();
  const images = await readFile(join(context.cwd, 'data', 'train-images-idx3-ubyte'));
  const labels = await readFile(join(context.cwd, 'data', 'train-labels-idx1-ubyte'));
  await writeData(join(context.cwd, 'other'), 2);
  await writeFile(join(context.cwd, 'other', 'train-images-idx3-ubyte'), images);
  await writeFile(join(context.cwd, 'other', 'train-labels-idx1-ubyte'), labels);
  await expect(prepareResumedRun(context, 'run', { data: 'other' })).rejects.toMatchObject({
    code: 'DATA_CHANGED',
    message: `run "run" was tested on other images (${join(context.cwd, 'data')}); pass their folder with --data FOLDER`,
  });
});
