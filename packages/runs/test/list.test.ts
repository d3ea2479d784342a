// Tests the list of runs: the state of each, and the problem of a damaged one.
import { cp, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { RunContext } from '@isonet/runs';
import { counted, listRuns, prepareRun } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { makeContext, settings, stoppedRun, trained } from './context.ts';

/** Creates a context with `all/done`, a finished run of one epoch. */
async function withRun(): Promise<RunContext> {
  const context = await makeContext(reference);
  const request = { ...settings, backend: 'reference', epochs: 1, out: join('all', 'done') };
  await trained(await prepareRun(context, 'tiny', request));
  return context;
}

/** Copies `all/done`, with changes to its run.json. */
async function variant(context: RunContext, name: string, change: object): Promise<void> {
  const [from, to] = [join(context.cwd, 'all', 'done'), join(context.cwd, 'all', name)];
  await cp(from, to, { recursive: true });
  const record = JSON.parse(await readFile(join(from, 'run.json'), 'utf8')) as object;
  await writeFile(join(to, 'run.json'), JSON.stringify({ ...record, ...change }));
}

async function states(context: RunContext): Promise<Readonly<Record<string, string>>> {
  const { runs } = await listRuns(context.cwd, 'all');
  return Object.fromEntries(
    runs.map(({ shown, state, problem }) => [
      shown.replace(/^all./, ''),
      problem === undefined ? state : problem,
    ]),
  );
}

it('returns the state of each run', async () => {
  const context = await withRun();
  await variant(context, 'dead', { collapse: 'output' });
  await variant(context, 'apart', { collapse: 'diverged' });
  await variant(context, 'plateau', { collapse: 'class' });
  const { options } = (await listRuns(context.cwd, 'all')).runs[0]?.record ?? {};
  await variant(context, 'early', { options: { ...options, epochs: 9 } });
  await variant(context, 'begun', { status: 'running', step: 0 });
  await variant(context, 'unlucky', { status: 'failed', step: 0 });
  await stoppedRun(context, { backend: 'reference', out: join('all', 'half') });
  expect(await states(context)).toEqual({
    done: 'finished',
    dead: 'died',
    apart: 'diverged',
    plateau: 'finished',
    early: 'stoppedEarly',
    begun: 'killed',
    unlucky: 'failed',
    half: 'stopped',
  });
});

it('reports the problem of a damaged run, lists the others, and counts folders that are not runs', async () => {
  const edited = 'the file was edited or is damaged: restore it, or train another run';
  const context = await withRun();
  const at = (...path: readonly string[]): string => join(context.cwd, 'all', ...path);
  await mkdir(at('photos'));
  await mkdir(at('.hidden'));
  await writeFile(at('notes.txt'), 'not a folder');
  await symlink('nowhere', at('dangling'));
  await variant(context, 'torn', {});
  await writeFile(at('torn', 'run.json'), '{');
  await variant(context, 'edited', { steps: 'many' });
  await variant(context, 'undated', { updated: 'yesterday' });
  await variant(context, 'weightless', {});
  await rm(at('weightless', 'weights.safetensors'));
  await variant(context, 'stateless', { status: 'stopped' });
  await rm(at('stateless', 'checkpoints'), { recursive: true });
  const { options } = (await listRuns(context.cwd, 'all/done')).runs[0]?.record ?? {};
  await variant(context, 'unborn', { status: 'stopped', step: 0, options: { ...options, weights: '/gone' } });
  await rm(at('unborn', 'checkpoints'), { recursive: true });
  await mkdir(at('folder', 'run.json'), { recursive: true });
  expect(await states(context)).toEqual({
    done: 'finished',
    torn: `run.json: not JSON; ${edited}`,
    edited: `run.json: steps: expected a number, got "many"; ${edited}`,
    undated: 'run.json: updated is not a date',
    weightless: 'weights.safetensors is missing',
    stateless: 'its checkpoints are missing',
    unborn: 'its checkpoints are missing',
    folder: 'run.json: expected a file, got a folder or a device',
  });
  // Hidden folders and broken links do not count.
  expect((await listRuns(context.cwd, 'all')).otherFolders).toBe(1);
});

it('lists the most recently saved run first', async () => {
  const context = await withRun();
  await variant(context, 'old', { updated: '2020-01-02T03:04:05.678Z' });
  await variant(context, 'new', { updated: '2999-01-02T03:04:05.678Z' });
  await mkdir(join(context.cwd, 'all', 'foreign'));
  await writeFile(join(context.cwd, 'all', 'foreign', 'run.json'), '');
  await utimes(join(context.cwd, 'all', 'foreign'), 0, 0);
  const { runs } = await listRuns(context.cwd, 'all');
  expect(runs.map(({ shown }) => shown)).toEqual(
    ['new', 'done', 'old', 'foreign'].map((name) => join('all', name)),
  );
});

describe('the folder', () => {
  it('is the default folder for runs, which may not exist yet', async () => {
    const context = await makeContext(reference);
    expect(await listRuns(context.cwd)).toEqual({ runs: [], otherFolders: 0 });
    await trained(await prepareRun(context, 'tiny', { ...settings, backend: 'reference', epochs: 1 }));
    expect(await listRuns(context.cwd)).toMatchObject({
      runs: [{ shown: join('runs', 'tiny-fast-reference-0') }],
    });
  });

  it('may be a run itself', async () => {
    const context = await withRun();
    const { runs, otherFolders } = await listRuns(context.cwd, join('all', 'done'));
    expect(runs).toMatchObject([{ shown: join('all', 'done'), state: 'finished' }]);
    expect([runs.length, otherFolders]).toEqual([1, 0]);
  });

  it('is rejected in one line if a named one is missing or a file', async () => {
    const context = await makeContext(reference);
    await writeFile(join(context.cwd, 'file'), '');
    await expect(listRuns(context.cwd, 'nowhere')).rejects.toThrow(
      '"nowhere" does not exist: choose a folder with runs',
    );
    await expect(listRuns(context.cwd, 'file')).rejects.toThrow(
      '"file" is not a folder: choose a folder with runs',
    );
  });
});

it('counted formats a count with its noun', () => {
  expect([0, 1, 2, 1200].map((n) => counted(n, 'step'))).toEqual([
    '0 steps',
    '1 step',
    '2 steps',
    '1,200 steps',
  ]);
  expect([1, 2].map((n) => counted(n, 'class', 'classes'))).toEqual(['1 class', '2 classes']);
});
