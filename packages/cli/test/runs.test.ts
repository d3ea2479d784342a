import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunFolder } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { tinyEntry } from '../../runs/test/tiny.ts';
import { ordinal } from '../../runs/test/ordinal.ts';
import type { World } from './helpers.ts';
import { keyboard, makeWorld, onlyBackend, watched } from './helpers.ts';

const train = (world: World, ...more: readonly string[]): readonly string[] => {
  const common = ['--backend', 'reference', '--data', world.data, '--batch-size', '10', '--epochs', '2'];
  return ['train', 'tiny', ...common, ...more];
};

/** Creates `all` with a finished run, a stopped run, and a folder that is not a run. */
async function worldWithRuns(): Promise<World> {
  const world = await makeWorld();
  await world.run(...train(world, '--out', 'all/done'));
  const interrupting = watched('reference', (step) => step === 1 && keyboard.interrupt());
  await world.runWith({ tables: onlyBackend(interrupting) }, ...train(world, '--out', 'all/half'));
  await mkdir(join(world.cwd, 'all/zoo'));
  return world;
}

describe('isonet runs', () => {
  it('shows a row per run and how to resume one', async () => {
    const world = await worldWithRuns();
    const { code, stdout, stderr } = await world.run('runs', 'all');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^run +network +recipe +device +epochs +last test +best test +state +saved$/);
    const date = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`;
    const acc = String.raw`acc \d\.\d{3}`;
    const row = (start: string): string | undefined => rows.find((line) => line.startsWith(start));
    expect(row('all/done')).toMatch(
      new RegExp(`^all/done +tiny +best +reference, cpu +2/2 +${acc} +${acc} +finished +${date}$`),
    );
    expect(row('all/half')).toMatch(
      new RegExp(`^all/half +tiny +best +reference, cpu +0/2 +- +- +stopped at step 2 of 6 +${date}$`),
    );
    expect(row('all/zoo')).toBeUndefined();
    expect(rows.at(-3)).toBe('not listed: 1 folder without a run.json');
    expect(rows.at(-1)).toBe('to resume a run: npx isonet train --resume all/half');
  });

  it('distinguishes a running run, which cannot be resumed, from a killed one', async () => {
    const world = await worldWithRuns();
    await cp(join(world.cwd, 'all/half'), join(world.cwd, 'all/live'), { recursive: true });
    const file = join(world.cwd, 'all/live/run.json');
    const record = JSON.parse(await readFile(file, 'utf8')) as object;
    const live = { ...record, status: 'running', updated: '2999-01-02T03:04:05.678Z' };
    await writeFile(file, JSON.stringify(live));
    const { stdout } = await world.run('runs', 'all');
    expect(stdout).toMatch(/^all\/live .* killed; saved at step 2 of 6 /m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('to resume a run: npx isonet train --resume all/live');
    const { folder: held } = await RunFolder.open(world.cwd, 'all/live');
    await held.lock();
    const { stdout: now } = await world.run('runs', 'all');
    await held.release();
    expect(now).toMatch(/^all\/live .* running; saved at step 2 of 6 /m);
    expect(now.trimEnd().split('\n').at(-1)).toBe('to resume a run: npx isonet train --resume all/half');
  });

  it('prints JSON', async () => {
    const world = await worldWithRuns();
    const { stdout } = await world.run('runs', 'all', '--json');
    const { folder, runs } = JSON.parse(stdout) as { folder: string; runs: { run: string }[] };
    expect(folder).toBe('all');
    const device = { backend: 'reference', device: 'cpu', deviceText: 'float64 loops in JavaScript' };
    const updated = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    const accuracy = expect.any(Number) as number;
    const run = { model: 'tiny', recipe: 'best', ...device, epochs: 2, steps: 6, updated };
    const score = { testMetrics: { accuracy }, bestTestAccuracy: accuracy };
    const none = { testMetrics: null, bestTestAccuracy: null };
    expect(runs.toSorted((a, b) => (a.run < b.run ? -1 : 1))).toEqual([
      { ...run, run: 'all/done', state: 'finished', resumable: false, epoch: 2, step: 6, ...score },
      { ...run, run: 'all/half', state: 'stopped', resumable: true, epoch: 0, step: 2, ...none },
    ]);
  });

  it('shows the metric of another task, but no best value, because higher may be worse', async () => {
    const world = await makeWorld();
    const tables = { models: [{ ...tinyEntry(28), task: ordinal }] };
    await world.runWith({ tables }, ...train(world));
    const { stdout } = await world.runWith({ tables }, 'runs');
    expect(stdout).toMatch(/ 2\/2 +classes off \d\.\d{3} +- +finished /);
  });

  it('shows how to create a run if there is none', async () => {
    const world = await makeWorld();
    const nothing = 'no runs in runs; to create one: npx isonet train nin\n';
    expect(await world.run('runs')).toEqual({ code: 0, stdout: nothing, stderr: '' });
    expect((await world.run('runs', '--json')).stdout).toBe('{"folder":"runs","runs":[]}\n');
  });

  it('rejects a path that is not a folder', async () => {
    const world = await makeWorld();
    await writeFile(join(world.cwd, 'file'), '');
    for (const [folder, problem] of [
      ['nowhere', 'does not exist'],
      ['file', 'is not a folder'],
    ] as const) {
      expect(await world.run('runs', folder)).toEqual({
        code: 1,
        stdout: '',
        stderr: `error: "${folder}" ${problem}: choose a folder with runs\n`,
      });
    }
  });
});

it('uses the singular for a count of one', async () => {
  const world = await makeWorld();
  const one = train(world, '--limit', '1', '--epochs', '1', '--out', 'one', '--micro-batch', '1');
  const { stdout } = await world.run(...one);
  expect(stdout).toContain(
    'tiny, recipe best: 1 epoch of 1 step of 1 image, lr 0.05, batch norm, dropout 0, 1 image at a time, ',
  );
  const two = await world.run(...train(world, '--validation', '0.5', '--limit', '2', '--out', 'two'));
  expect(two.stdout).toContain('2 epochs of 1 step of 1 image, ');
  expect(two.stdout).toContain(', validation on 1 image, ');
  const most = await world.run(...train(world, '--limit', '1', '--validation', '0.1', '--out', 'none'));
  expect(most.stderr).toContain('1 training image cannot be split');
});
