// Tests checkpoints: they hold the complete state, bit for bit, and contents that do not belong to the run are
// rejected.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { Tensors } from '@isonet/core';
import { decodeSafetensors, encodeSafetensors, float32 } from '@isonet/core';
import type { RunContext, TrainRequest } from '@isonet/runs';
import { loadRun, prepareResumedRun, prepareRun } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import type { SavedState } from '../src/folder/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../src/folder/checkpoint.ts';
import { makeContext, settings, stoppedRun, trained, trainedUntil } from './context.ts';

const file = (context: RunContext, name: string, run = 'run'): string => join(context.cwd, run, name);

describe('a checkpoint', () => {
  const plain: SavedState = {
    step: 5,
    epoch: { loss: 0.1 + 0.2, count: 20, scores: { accuracy: { sum: 3, count: 20 } }, seconds: 1 / 3 },
    history: [
      {
        epoch: 1,
        loss: 1e-300,
        metrics: { meanAbsoluteError: 2 / 3 },
        validationLoss: 5e-324,
        testLoss: 1.5,
        validationMetrics: { meanAbsoluteError: 1 / 7 },
        testMetrics: { meanAbsoluteError: Math.PI },
        seconds: 2,
      },
    ],
    values: {
      w: float32([3], [-0, 1e-45, 1 / 3]),
      'velocity/w': { dtype: 'float64', shape: [3], data: Float64Array.of(-0, 5e-324, 1 / 3) },
      'average/w': float32([3], [1, 2, 3]),
    },
  };
  const stopping = { best: 1 / 9, epoch: 1, waited: 0, values: { w: float32([3], [7, -0, 1e-45]) } };

  it.each([
    ['with averages and sums of metrics', plain],
    ['with the best epoch of early stopping', { ...plain, stopping }],
    ['before the first step', { ...plain, step: 0, history: [] }],
  ])('is restored bit by bit %s', (_, saved) => {
    const bytes = encodeCheckpoint(saved);
    const back = decodeCheckpoint(bytes, 'file');
    expect(back).toEqual(saved);
    expect(Buffer.from(encodeCheckpoint(back))).toEqual(Buffer.from(bytes));
  });
});

/** Kinds of runs whose checkpoints have different contents. */
const kinds: readonly (readonly [string, TrainRequest])[] = [
  ['a validation loss that gets worse', { validation: 0.2, patience: 3, lr: 1 }],
  ['a validation loss that gets better', { validation: 0.2, patience: 1, lr: 1e-4 }],
  ['averages', { average: 0.9 }],
  [
    'averages, early stopping and batch norm',
    { validation: 0.2, patience: 4, average: 0.9, batchNorm: true },
  ],
  ['frozen parameters', { freeze: ['block.c1', '*.b'], average: 0.5 }],
  ['clipped gradients', { clipNorm: 0.1 }],
  ['micro-batches', { microBatch: 4, average: 0.9 }],
];

it.each(kinds)('a resumed run with %s ends with the same bits', async (_, request) => {
  const context = await makeContext(reference);
  const own = { ...settings, backend: 'reference', epochs: 4, batchSize: 5, ...request };
  const whole = await prepareRun(context, 'tiny', { ...own, out: 'whole' });
  const record = await trained(whole);
  // The run is stopped in the second epoch, and again in the third or its evaluation.
  const parts = await prepareRun(context, 'tiny', { ...own, out: 'parts' });
  expect((await trainedUntil(parts, 5)).status).toBe('stopped');
  const again = await prepareResumedRun(context, 'parts', { exact: true });
  expect((await trainedUntil(again, 12)).status).toBe('stopped');
  const last = await trained(await prepareResumedRun(context, 'parts', { exact: true }));
  const timeless = ({ history, bestEpoch }: typeof last): unknown => ({
    bestEpoch,
    history: history.map(({ seconds: _seconds, ...report }) => report),
  });
  expect(timeless(last)).toEqual(timeless(record));
  const weights = (run: string): Promise<Buffer> => readFile(file(context, 'weights.safetensors', run));
  expect(await weights('parts')).toEqual(await weights('whole'));
});

it('resuming a run that was killed right after early stopping finishes it with the same weights', async () => {
  const context = await makeContext(reference);
  const own = { ...settings, backend: 'reference', epochs: 30, lr: 10, validation: 0.2, patience: 1 };
  const run = await prepareRun(context, 'tiny', { ...own, out: 'run' });
  const record = await trained(run, {
    step: () => undefined,
    epoch: () => undefined,
    note: () => undefined,
  });
  expect(record.history.length).toBeLessThan(30);
  expect(record.bestEpoch).toBe(record.history.length - 1);
  const kept = await readFile(file(context, 'weights.safetensors'));
  const text = await readFile(file(context, 'run.json'), 'utf8');
  await writeFile(file(context, 'run.json'), text.replace('"finished"', '"running"'));
  const again = await trained(await prepareResumedRun(context, 'run', {}));
  expect(again).toMatchObject({ status: 'finished', step: record.step, bestEpoch: record.bestEpoch });
  expect(await readFile(file(context, 'weights.safetensors'))).toEqual(kept);
});

it('the weights of a run with averages are the averages', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference', average: 0.9, freeze: ['block.c1.b'] });
  const { tensors } = decodeSafetensors(await readFile(file(context, 'checkpoints/step-5.safetensors')));
  const { weights } = await loadRun(context, 'run');
  const rounded = (name: string): Float32Array => Float32Array.from(tensors[name]?.data ?? []);
  expect(weights['block.c1.w']?.data).toEqual(rounded('average/block.c1.w'));
  expect(weights['block.c1.w']?.data).not.toEqual(rounded('block.c1.w'));
  // A frozen parameter has no average.
  expect(Object.keys(tensors)).not.toContain('average/block.c1.b');
  expect(weights['block.c1.b']?.data).toEqual(rounded('block.c1.b'));
});

describe('a checkpoint that was tampered with', () => {
  type Numbers = Readonly<Record<string, unknown>>;
  const without = (tensors: Tensors, gone: string): Tensors =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => name !== gone));
  const stoppingOf = (numbers: Numbers): Numbers => numbers['stopping'] as Numbers;
  const historyOf = (numbers: Numbers): readonly Numbers[] => numbers['history'] as readonly Numbers[];
  const cases: Record<
    string,
    [message: string, tensors: (all: Tensors) => Tensors, numbers?: (all: Numbers) => Numbers]
  > = {
    'an extra tensor': ['this model has no tensor "more"', (all) => ({ ...all, more: float32([1], [1]) })],
    'an extra tensor among the best weights': [
      'this model has no tensor "best/more"',
      (all) => ({ ...all, 'best/more': float32([1], [1]) }),
    ],
    'no average': [
      '"average/block.c1.w" (float32 [4, 1, 1, 1]) is missing',
      (all) => without(all, 'average/block.c1.w'),
    ],
    'an average of a frozen parameter': [
      'this model has no tensor "average/block.c2.b"',
      (all) => ({ ...all, 'average/block.c2.b': float32([10]) }),
    ],
    'no best weights': [
      '"best/block.c2.b" (float32 [10]) is missing',
      (all) => without(all, 'best/block.c2.b'),
    ],
    'best weights of another shape': [
      '"best/block.c2.b" expected float32 [10], got float32 [9]',
      (all) => ({ ...all, 'best/block.c2.b': float32([9]) }),
    ],
    'best weights that are not finite': [
      '"best/block.c2.b" contains NaN',
      (all) => ({ ...all, 'best/block.c2.b': float32([10], new Array<number>(10).fill(NaN)) }),
    ],
    'no early stopping': ['no tensor "best/', (all) => all, ({ stopping: _, ...numbers }) => numbers],
    'early stopping with an inconsistent epoch': [
      'stopping: expected epoch + waited to be 1, got 1 + 7',
      (all) => all,
      (numbers) => ({ ...numbers, stopping: { ...stoppingOf(numbers), waited: 7 } }),
    ],
    'no best value': [
      'stopping.best: expected a number, got nothing',
      (all) => all,
      (numbers) => ({ ...numbers, stopping: { ...stoppingOf(numbers), best: undefined } }),
    ],
    'steps of another run': [
      'step: expected a number from 4 to 8, got 5000000',
      (all) => all,
      (numbers) => ({ ...numbers, step: 5_000_000 }),
    ],
    'epochs with wrong numbers': [
      'history[0].epoch: expected 1, got 7',
      (all) => all,
      (numbers) => ({ ...numbers, history: [{ ...historyOf(numbers)[0], epoch: 7 }] }),
    ],
    'an epoch without its validation loss': [
      'history[0].validationLoss: expected a number, got nothing',
      (all) => all,
      (numbers) => ({ ...numbers, history: [{ ...historyOf(numbers)[0], validationLoss: null }] }),
    ],
    'totals of another batch': [
      'epoch.count: expected 10, got 9',
      (all) => all,
      (numbers) => ({ ...numbers, epoch: { ...(numbers['epoch'] as Numbers), count: 9 } }),
    ],
    'scores that are not an object': [
      'epoch.scores: expected an object, got 3',
      (all) => all,
      (numbers) => ({ ...numbers, epoch: { ...(numbers['epoch'] as Numbers), scores: 3 } }),
    ],
    'a score without a count': [
      'epoch.scores.accuracy.count: expected a number, got nothing',
      (all) => all,
      (numbers) => ({
        ...numbers,
        epoch: { ...(numbers['epoch'] as Numbers), scores: { accuracy: { sum: 1 } } },
      }),
    ],
  };

  it.each(Object.entries(cases))('is rejected: %s', async (_, [message, tensors, numbers = (all) => all]) => {
    const context = await makeContext(reference);
    // The run is stopped after step 6, in its second epoch of 4.
    const own = { validation: 0.2, patience: 2, average: 0.9, freeze: ['block.c2.b'], batchSize: 5 };
    const run = await prepareRun(context, 'tiny', { ...settings, ...own, backend: 'reference', out: 'run' });
    await trainedUntil(run, 5);
    await rm(file(context, 'checkpoints/step-4.safetensors'));
    const path = file(context, 'checkpoints/step-6.safetensors');
    const saved = decodeSafetensors(await readFile(path));
    const progress = JSON.parse(saved.metadata['progress'] ?? '') as Numbers;
    const bytes = encodeSafetensors(tensors(saved.tensors), { progress: JSON.stringify(numbers(progress)) });
    await writeFile(path, bytes);
    const refused = await prepareResumedRun(context, 'run', {}).then(
      () => 'resumed',
      (error: unknown) => String(error),
    );
    expect(refused).toContain(message);
    expect(refused).toContain('run/checkpoints/step-6.safetensors: ');
    expect(refused).not.toContain('\n');
  });

  it('is rejected: an infinite loss', () => {
    const text = '{"step":1,"epoch":{"loss":1e999,"count":1,"scores":{},"seconds":0},"history":[]}';
    expect(() => decodeCheckpoint(encodeSafetensors({}, { progress: text }), 'file')).toThrow(
      'file: epoch.loss: expected a number, got Infinity',
    );
  });
});
