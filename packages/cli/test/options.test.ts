// Tests the options of isonet train beyond the recipe: validation, early stopping, averages, initial weights, frozen parameters and
// other tasks. Also tests training runs that fail.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, float32 } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { ordinal } from '../../runs/test/ordinal.ts';
import { tinyEntry } from '../../runs/test/tiny.ts';
import type { World } from './helpers.ts';
import { makeWorld, onlyBackend, watched } from './helpers.ts';

const train = (world: World, ...more: readonly string[]): readonly string[] => {
  const common = ['--backend', 'reference', '--batch-size', '10', '--epochs', '3', '--recipe', 'fast'];
  return ['train', 'tiny', ...common, '--data', world.data, '--out', 'run', ...more];
};

interface Record {
  readonly status: string;
  readonly step: number;
  readonly history: readonly {
    readonly validationLoss: number;
    readonly testAccuracy: number;
    readonly testMetrics: object;
  }[];
  readonly bestEpoch?: number;
  readonly collapse?: string;
}

async function record(world: World): Promise<Record> {
  return JSON.parse(await readFile(join(world.cwd, 'run', 'run.json'), 'utf8')) as Record;
}

/** Returns whether all values in weights.safetensors are finite. */
async function hasFiniteWeights(world: World): Promise<boolean> {
  const bytes = await readFile(join(world.cwd, 'run', 'weights.safetensors'));
  return Object.values(decodeSafetensors(bytes).tensors).every(({ data }) => data.every(Number.isFinite));
}

/**
 * Writes weights with two chosen biases: that of the first layer, which can make its ReLU 0 for every image, and that of the first
 * class.
 */
async function writeWeights(world: World, name: string, first: number, logit: number): Promise<void> {
  const tensors = {
    'block.c1.w': float32([4, 1, 1, 1], [1, 2, 3, 4]),
    'block.c1.b': float32([4], new Array<number>(4).fill(first)),
    'block.c2.w': float32([10, 4, 1, 1], new Array<number>(40).fill(0.1)),
    'block.c2.b': float32([10], [logit, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  };
  await writeFile(join(world.cwd, name), encodeSafetensors(tensors));
}

describe('validation', () => {
  it('appears in the plan and in the line of each epoch', async () => {
    const world = await makeWorld();
    const { code, stdout } = await world.run(...train(world, '--validation', '0.25', '--average', '0.9'));
    expect(code).toBe(0);
    expect(stdout).toContain(
      'tiny, recipe fast: 3 epochs of 2 steps of 10 images, lr 0.03, validation on 6 images, weights averaged (decay 0.9), seed 0, into run\n',
    );
    expect(stdout).toMatch(
      /^epoch 3, loss \d\.\d{4}, train acc \d\.\d{3}, validation loss \d\.\d{4}, validation acc \d\.\d{3}, test acc \d\.\d{3}, time/m,
    );
  });

  it('stops early with the best weights, and the last lines report it', async () => {
    const world = await makeWorld();
    const more = ['--validation', '0.25', '--patience', '1', '--lr', '1', '--epochs', '30'];
    const { code, stdout } = await world.run(...train(world, ...more));
    const { status, history, bestEpoch = NaN } = await record(world);
    expect([code, status]).toEqual([0, 'finished']);
    const loss = history[bestEpoch - 1]?.validationLoss ?? NaN;
    expect(loss).toBe(Math.min(...history.map(({ validationLoss }) => validationLoss)));
    expect(stdout).toContain(
      `run: stopped early after epoch ${bestEpoch + 1} of 30; keeps the weights of epoch ${bestEpoch}, whose validation loss is the lowest (${loss.toFixed(4)})\nthe run is in run;`,
    );
    const evaluated = await world.run('evaluate', 'run', '--backend', 'reference', '--json');
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ accuracy: history[bestEpoch - 1]?.testAccuracy });
  });

  it('keeps the best weights even if training does not stop early', async () => {
    const world = await makeWorld();
    const more = ['--validation', '0.25', '--patience', '2', '--lr', '0.0001'];
    const { stdout } = await world.run(...train(world, ...more));
    expect(stdout).toMatch(
      /^run: keeps the weights of epoch 3, whose validation loss is the lowest \(\d\.\d{4}\)$/m,
    );
  });
});

it('evaluates the averaged weights', async () => {
  const world = await makeWorld();
  await world.run(...train(world, '--average', '0.99', '--lr', '0.5'));
  const evaluated = await world.run('evaluate', 'run', '--backend', 'reference', '--json');
  const [last] = (await record(world)).history.slice(-1);
  expect(JSON.parse(evaluated.stdout)).toMatchObject({ metrics: last?.testMetrics });
});

it('reports initial weights and frozen layers in the first lines', async () => {
  const world = await makeWorld();
  await world.run(...train(world));
  const more = ['--weights', 'run', '--freeze', 'block.c1', '--freeze', '*.b', '--out', 'next'];
  const next = await world.run(...train(world, ...more));
  expect(next).toMatchObject({ code: 0, stderr: '' });
  expect(next.stdout).toContain('\ninitial weights: 4 loaded\n');
  expect(next.stdout).toContain('initial weights loaded, frozen block.c1 *.b, seed 0, into next\n');
  const other = [...more.slice(0, 2), '--recipe', 'best', '--out', 'other'];
  const refused = await world.run(...train(world, ...other));
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^error: --weights run: [^\n]+; add --partial to load the 3 that fit\n$/);
  const partial = await world.run(...train(world, ...other, '--partial'));
  expect(partial.stdout).toContain('\ninitial weights: 3 loaded, 4 missing (block.c1.bn.scale, ');
});

it('clips gradients to a norm, and reports it in the plan', async () => {
  const world = await makeWorld();
  await world.run(...train(world));
  const clipped = await world.run(...train(world, '--clip-norm', '0.01', '--out', 'clipped'));
  expect(clipped.code).toBe(0);
  expect(clipped.stdout).toContain('lr 0.03, gradients clipped to norm 0.01, seed 0, into clipped\n');
  const weights = (run: string): Promise<Buffer> => readFile(join(world.cwd, run, 'weights.safetensors'));
  expect(await weights('clipped')).not.toEqual(await weights('run'));
});

describe('a run of another task', () => {
  const tables = { models: [{ ...tinyEntry(28), task: ordinal }] };

  it('prints the metrics of its task, and no classes', async () => {
    const world = await makeWorld();
    const { code, stdout, stderr } = await world.runWith({ io: { isTTY: true }, tables }, ...train(world));
    expect(code).toBe(0);
    expect(stderr).toMatch(/loss \d\.\d{4} {2}classes off \d\.\d{3} /);
    expect(stdout).toMatch(
      /^epoch 1, loss \d\.\d{4}, train classes off \d\.\d{3}, test classes off \d\.\d{3}, time/m,
    );
    const evaluate = ['evaluate', 'run', '--backend', 'reference'] as const;
    const evaluated = await world.runWith({ tables }, ...evaluate);
    expect(evaluated.stdout).toMatch(/\ntest loss \d\.\d{4}, test classes off \d\.\d{3} \(10 images\)\n$/);
    const json = await world.runWith({ tables }, ...evaluate, '--json');
    expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual([
      'run',
      'model',
      'backend',
      'device',
      'deviceText',
      'why',
      'data',
      'loss',
      'metrics',
      'count',
    ]);
  });

  it('refuses to predict classes', async () => {
    const world = await makeWorld();
    await world.runWith({ tables }, ...train(world));
    const predicted = await world.runWith({ tables }, 'predict', 'run', '--test', '1');
    expect(predicted).toMatchObject({ code: 2, stdout: '' });
    expect(predicted.stderr).toMatch(
      /^error: run "run" is trained for ordinal, not for classification: [^\n]+\n$/,
    );
  });
});

describe('a training run that fails', () => {
  const recipes = ['book', 'fast', 'best'];
  const rates = ['1', '10', '1000'];

  it.each(recipes.flatMap((recipe) => rates.map((lr) => [recipe, lr] as const)))(
    'recipe %s at learning rate %s ends with 0 only if its weights are finite and useful',
    async (recipe, lr) => {
      const world = await makeWorld();
      const { code, stderr } = await world.run(...train(world, '--recipe', recipe, '--lr', lr));
      const { status, collapse = 'class' } = await record(world);
      const isGood = status === 'finished' && collapse === 'class' && (await hasFiniteWeights(world));
      expect(code).toBe(isGood ? 0 : 1);
      expect(stderr).toMatch(isGood ? /^(note: [^\n]+\n)?$/ : /^error: [^\n]+\n$/);
    },
  );

  it('is finished, and reports a dead network in one line', async () => {
    const world = await makeWorld();
    await writeWeights(world, 'dead.safetensors', -100, 0);
    const { code, stdout, stderr } = await world.run(...train(world, '--weights', 'dead.safetensors'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: run: the network has died: it returns the same output for every image; try a lower learning rate \(--lr\)[^\n]*\n$/,
    );
    expect(stdout).toMatch(/\nthe run is in run; to test it: [^\n]+\n$/);
    expect(await record(world)).toMatchObject({ status: 'finished', step: 9, collapse: 'output' });
    const json = await world.run(...train(world, '--weights', 'dead.safetensors', '--json', '--out', 'json'));
    expect(json).toMatchObject({
      code: 1,
      stderr: `initial weights: 4 loaded\n${stderr.replace('run', 'json')}`,
    });
    expect(JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ collapse: 'output' });
  });

  it('notes if one class is predicted for all images, which more training may fix', async () => {
    const world = await makeWorld();
    const { code, stderr } = await world.run(...train(world, '--lr', '0.000001', '--epochs', '1'));
    const { collapse } = await record(world);
    expect([code, collapse]).toEqual([0, 'class']);
    expect(stderr).toMatch(
      /^note: run: so far, the network predicts the same class for every image; [^\n]+\n$/,
    );
  });

  it('fails if it diverges', async () => {
    const world = await makeWorld();
    await writeWeights(world, 'far.safetensors', 0, 1000);
    const { code, stderr } = await world.run(
      ...train(world, '--lr', '0.000001', '--weights', 'far.safetensors'),
    );
    expect([code, (await record(world)).collapse]).toEqual([1, 'diverged']);
    expect(stderr).toMatch(
      /^error: run: training diverged: the network predicts the same class [^\n]+; try [^\n]+\n$/,
    );
  });

  it('keeps the last epoch before a step that is not finite, so that it can be evaluated and resumed', async () => {
    const world = await makeWorld();
    const spoiled = watched(
      'reference',
      () => undefined,
      (step) => step === 6,
    );
    const more = ['--average', '0.9', '--validation', '0.25', '--patience', '3'];
    const failed = await world.runWith({ tables: onlyBackend(spoiled) }, ...train(world, ...more));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^error: step 6: [^\n]+; run keeps the state after step 4\n$/);
    expect(await record(world)).toMatchObject({ status: 'failed', step: 4 });
    expect(await hasFiniteWeights(world)).toBe(true);
    expect((await world.run('evaluate', 'run', '--backend', 'reference')).code).toBe(0);
    expect((await world.run('train', '--resume', 'run')).code).toBe(0);
  });

  it.each([['evaluate'], ['predict', '--test', '2']])(
    '%s fails on weights that overflow',
    async (name, ...more) => {
      const world = await makeWorld();
      await world.run(...train(world));
      const file = join(world.cwd, 'run', 'weights.safetensors');
      const { tensors } = decodeSafetensors(await readFile(file));
      for (const { data } of Object.values(tensors)) data.fill(3e38);
      await writeFile(file, encodeSafetensors(tensors));
      const outcome = await world.run(name, 'run', ...more, '--backend', 'reference');
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(
        /^error: [^\n]*the network's output[^\n]* contains Infinity[:;] [^\n]+\n$/,
      );
    },
  );
});
