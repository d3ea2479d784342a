// Tests runs of tasks other than classification, options beyond the recipe, and their record.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import { encodeSafetensors, float32 } from '@isonet/core';
import type { RunContext, TrainRequest } from '@isonet/runs';
import { loadRun, prepareResumedRun, prepareRun, UsageError } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { makeContext, settings, stoppedRun, trained } from './context.ts';
import { ordinal } from './ordinal.ts';
import { tinyEntry } from './tiny.ts';

const on = { ...settings, backend: 'reference' } as const;
const ordinalModels = [{ ...tinyEntry(28), task: ordinal }];

async function edit(context: RunContext, change: (text: string) => string): Promise<void> {
  const path = join(context.cwd, 'run', 'run.json');
  await writeFile(path, change(await readFile(path, 'utf8')));
}

describe('the task of a run', () => {
  it('determines training and evaluation, is recorded, and stays the same when the run is resumed', async () => {
    const context = { ...(await makeContext(reference)), models: ordinalModels };
    const { task, history } = await stoppedRun(context, { backend: 'reference' });
    expect(task).toBe('ordinal');
    expect(Object.keys(history[0]?.metrics ?? {})).toEqual(['classesOff']);
    expect(history[0]).not.toHaveProperty('testAccuracy');
    const record = await trained(await prepareResumedRun(context, 'run', {}));
    expect(record).toMatchObject({ task: 'ordinal', status: 'finished' });
    expect((await loadRun(context, 'run')).task).toBe(ordinal);
  });

  it('is rejected if it differs from the task of the model', async () => {
    const context = await makeContext(reference);
    await stoppedRun({ ...context, models: ordinalModels }, { backend: 'reference' });
    const message =
      'run/run.json: task: expected classification, the task of tiny, got "ordinal"; the file was edited or is damaged: restore it, or train another run';
    await expect(prepareResumedRun(context, 'run', {})).rejects.toThrow(message);
    await expect(loadRun(context, 'run')).rejects.toThrow(message);
  });

  it('is classification if the record lacks it', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    await edit(context, (text) => text.replace('"task": "classification",', ''));
    expect((await prepareResumedRun(context, 'run', {})).task.name).toBe('classification');
  });
});

describe('options', () => {
  it.each<[TrainRequest, string]>([
    [{ validation: 0 }, '--validation: expected a number above 0 and below 1, got 0'],
    [{ validation: NaN }, '--validation: expected a number above 0 and below 1, got NaN'],
    [{ patience: 0, validation: 0.5 }, '--patience: expected an integer of at least 1, got 0'],
    [{ patience: 1.5, validation: 0.5 }, '--patience: expected an integer of at least 1, got 1.5'],
    [{ patience: 1 }, '--patience: needs a validation loss: add --validation 0.1'],
    [{ average: 1 }, '--average: expected a number of at least 0 and below 1, got 1'],
    [{ clipNorm: 0 }, '--clip-norm: expected a number above 0, got 0'],
    [{ clipNorm: Infinity }, '--clip-norm: expected a number above 0, got Infinity'],
    [{ lr: -1 }, '--lr: expected a number above 0, got -1'],
    [{ seed: 2 ** 32 }, '--seed: expected an integer from 0 to 4,294,967,295, got 4294967296'],
    [{ partial: true }, '--partial: needs weights to load: add --weights RUN'],
    [{ freeze: [''] }, '--freeze: expected the name of a parameter or layer, got an empty name'],
    [{ freeze: ['blok'] }, '--freeze: tiny: the parameter rule blok matches no parameter'],
    [{ freeze: ['*'] }, '--freeze: tiny: every parameter is frozen'],
  ])('are rejected if they are invalid: %j', async (request, message) => {
    const preparing = prepareRun(await makeContext(reference), 'tiny', { ...on, ...request });
    const error = await preparing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(message);
  });

  it('stay the same in a resumed run', async () => {
    const context = await makeContext(reference);
    const own = { validation: 0.25, patience: 7, average: 0.5, clipNorm: 2, freeze: ['block.c1.w'] };
    const { options, data } = await stoppedRun(context, { backend: 'reference', ...own });
    expect(options).toMatchObject({ ...own, weights: null, partial: false });
    expect(data).toMatchObject({ train: 18, validation: 6, test: 10 });
    expect((await prepareResumedRun(context, 'run', {})).record.options).toEqual(options);
    const refused = prepareResumedRun(context, 'run', { ...own, weights: 'run', partial: true });
    await expect(refused).rejects.toThrow(
      'leave out --validation, --patience, --average, --clip-norm, --weights, --partial, --freeze',
    );
  });

  it('are off if an older run.json lacks them', async () => {
    const context = await makeContext(reference);
    const { options } = await stoppedRun(context, { backend: 'reference' });
    const off = {
      validation: null,
      patience: null,
      average: null,
      clipNorm: null,
      weights: null,
      partial: false,
      freeze: [],
    };
    expect(options).toMatchObject(off);
    await edit(context, (text) => text.replace(/,\s*"validation": null[^}]*\}/, '}'));
    expect((await prepareResumedRun(context, 'run', {})).record.options).toEqual(options);
  });

  it.each([
    [
      '"validation": null',
      '"validation": 2',
      'options.validation: expected a number above 0 and below 1, got 2',
    ],
    ['"patience": null', '"patience": 3', 'options.patience: needs a validation loss'],
    [
      '"average": null',
      '"average": -1',
      'options.average: expected a number of at least 0 and below 1, got -1',
    ],
    ['"freeze": []', '"freeze": [3]', 'options.freeze: expected a list of strings, got [3]'],
    ['"freeze": []', '"freeze": ["x"]', 'options.freeze: tiny: the parameter rule x matches no parameter'],
    ['"partial": false', '"partial": 1', 'options.partial: expected true or false, got 1'],
    ['"lr": 0.03', '"lr": -1', 'options.lr: expected a number above 0, got -1'],
    ['"seed": 0', '"seed": 1e12', 'options.seed: expected an integer from 0 to 4,294,967,295'],
    ['"dropout": null', '"dropout": -1', 'options.dropout: expected a number of at least 0 and below 1'],
    ['"clipNorm": null', '"clipNorm": 0', 'options.clipNorm: expected a number above 0, got 0'],
    ['"epochs": 3', '"epochs": 1', 'steps: expected 3, which is 1 epoch of 3 steps, got 9'],
    ['"steps": 9', '"steps": 10', 'steps: expected 9, which is 3 epochs of 3 steps, got 10'],
    ['"limit": null', '"limit": 22', 'options.limit: expected null, as in its checkpoint, got 22'],
    ['"lr": 0.03', '"lr": 1e999', 'options.lr: expected a number, got Infinity'],
  ])('in run.json are validated like those on the command line: %s as %s', async (before, after, message) => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    await edit(context, (text) => text.replace(before, after));
    await expect(prepareResumedRun(context, 'run', {})).rejects.toThrow(`run/run.json: ${message}`);
  });

  it('reject a validation fraction that leaves no images', async () => {
    const preparing = prepareRun(await makeContext(reference), 'tiny', { ...on, limit: 4, validation: 0.1 });
    await expect(preparing).rejects.toThrow('--validation 0.1: 4 training images cannot be split');
  });
});

describe('initial weights', () => {
  const start = async (context: RunContext, request: TrainRequest): Promise<unknown> => {
    const run = await prepareRun(context, 'tiny', { ...on, ...request });
    return (await run.trainer.weights())['block.c1.w']?.data;
  };

  it('are loaded from another run, or from its file', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    const { weights } = await loadRun(context, 'run');
    const expected = Float64Array.from(weights['block.c1.w']?.data ?? []);
    expect(await start(context, { weights: 'run' })).toEqual(expected);
    expect(await start(context, { weights: 'run/weights.safetensors' })).toEqual(expected);
    expect(await start(context, {})).not.toEqual(expected);
  });

  it('are saved at the start, so that a run can be resumed before its first save', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    const request = { ...on, weights: 'run' };
    const whole = await trained(await prepareRun(context, 'tiny', { ...request, out: 'whole' }));
    const failing = await prepareRun(context, 'tiny', { ...request, out: 'parts' });
    const quiet = { epoch: () => undefined, note: () => undefined };
    const step = (): never => {
      throw new Error('the card fell off the bus');
    };
    await expect(trained(failing, { ...quiet, step })).rejects.toThrow('the card');
    await edit(context, () => 'gone');
    const resumed = await trained(await prepareResumedRun(context, 'parts', {}));
    expect(resumed.history.map(({ loss }) => loss)).toEqual(whole.history.map(({ loss }) => loss));
  });

  it('must fit the model, unless partial weights are allowed', async () => {
    const context = await makeContext(reference);
    const tensors = {
      'block.c1.w': float32([4, 1, 1, 1], [1, 2, 3, 4]),
      'block.c2.b': float32([9]),
      other: float32([1]),
    };
    await writeFile(join(context.cwd, 'some.safetensors'), encodeSafetensors(tensors));
    const text =
      '2 missing (block.c1.b, block.c2.w), 1 unknown (other), 1 of another shape or type (block.c2.b)';
    await expect(start(context, { weights: 'some.safetensors' })).rejects.toThrow(
      `--weights some.safetensors: not the weights of tiny: ${text}; add --partial to load the one that fits`,
    );
    const taken = await start(context, { weights: 'some.safetensors', partial: true });
    expect(taken).toEqual(Float64Array.of(1, 2, 3, 4));
  });

  it('are rejected if they are missing, damaged or not finite', async () => {
    const context = await makeContext(reference);
    const path = join(context.cwd, 'some.safetensors');
    await expect(start(context, { weights: 'some.safetensors' })).rejects.toThrow(
      '--weights some.safetensors: no such run folder or .safetensors file',
    );
    await writeFile(path, 'short');
    await expect(start(context, { weights: 'some.safetensors' })).rejects.toThrow(
      'some.safetensors: truncated',
    );
    await writeFile(
      path,
      encodeSafetensors({ 'block.c2.b': float32([10], new Array<number>(10).fill(NaN)) }),
    );
    await expect(start(context, { weights: 'some.safetensors', partial: true })).rejects.toThrow(
      'some.safetensors: "block.c2.b" contains NaN',
    );
    await expect(start(context, { weights: 'data' })).rejects.toThrow('"data" is not a run');
  });

  it('stay the same if they are frozen', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    await trained(
      await prepareRun(context, 'tiny', { ...on, out: 'next', weights: 'run', freeze: ['block.c1'] }),
    );
    const [before, after] = [await loadRun(context, 'run'), await loadRun(context, 'next')];
    expect(after.weights['block.c1.w']).toEqual(before.weights['block.c1.w']);
    expect(after.weights['block.c2.w']).not.toEqual(before.weights['block.c2.w']);
  });
});
