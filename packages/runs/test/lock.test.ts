// Tests the lock of a run: only one process holds it at a time, and it is released even if the process is killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { reference } from '@isonet/backend-reference';
import { listRuns, prepareResumedRun, prepareRun } from '@isonet/runs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SocketKind } from '../src/folder/lock.ts';
import { isLocked, lockRun } from '../src/folder/lock.ts';
import { folderName } from '../src/folder/newFolder.ts';
import type { FolderName } from '../src/folder/newFolder.ts';
import { makeContext, settings, stoppedRun, trained } from './context.ts';

const script = fileURLToPath(new URL('./holdLock.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Starts a process that holds the lock of a folder. @returns its id, and a function that kills it */
async function holder(
  { path }: FolderName,
  kind: SocketKind,
): Promise<{ pid: string; kill(): Promise<void> }> {
  const argv = ['--conditions=@isonet/source', '--import', tsx, script, path, kind];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return {
    pid: String(child.pid),
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function makeFolder(): Promise<FolderName> {
  const path = await mkdtemp(join(tmpdir(), 'isonet-lock-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return { path, shown: 'run' };
}

const kinds: readonly SocketKind[] =
  process.platform === 'win32' ? ['pipe'] : process.platform === 'linux' ? ['abstract', 'file'] : ['file'];

describe.each(kinds)('a lock with a socket of kind %s', (kind) => {
  it('is held by one process, and can be acquired again after its release', async () => {
    const folder = await makeFolder();
    expect(await isLocked(folder, kind)).toBe(false);
    const lock = await lockRun(folder, kind);
    expect(lock.problem).toBeUndefined();
    expect(await isLocked(folder, kind)).toBe(true);
    await expect(lockRun(folder, kind)).rejects.toMatchObject({
      code: 'RUN_LOCKED',
      message: `run "run" is being trained by process ${process.pid}: wait until it ends, or stop it (kill ${process.pid}; it saves)`,
    });
    await lock[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
    expect(await isLocked(folder, kind)).toBe(false);
    await (await lockRun(folder, kind))[Symbol.asyncDispose]();
  });

  it('is released when the process is killed', { timeout: 30_000 }, async () => {
    const folder = await makeFolder();
    const other = await holder(folder, kind);
    await expect(lockRun(folder, kind)).rejects.toThrow(`is being trained by process ${other.pid}: `);
    await other.kill();
    expect(await isLocked(folder, kind)).toBe(false);
    const lock = await lockRun(folder, kind);
    expect(await isLocked(folder, kind)).toBe(true);
    await lock[Symbol.asyncDispose]();
  });

  it('does not apply to another folder with the same path', async () => {
    const folder = await makeFolder();
    const lock = await lockRun(folder, kind);
    await rename(folder.path, `${folder.path}-moved`);
    onTestFinished(() => rm(`${folder.path}-moved`, { recursive: true, force: true }));
    await mkdir(folder.path);
    expect(await isLocked(folder, kind)).toBe(false);
    await lock[Symbol.asyncDispose]();
  });
});

describe('a run that is being trained', () => {
  it('can be neither overwritten nor resumed', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    const run = await prepareResumedRun(context, 'run', {});
    const again = (): Promise<unknown> => prepareResumedRun(context, 'run', {});
    await expect(again()).rejects.toMatchObject({ code: 'RUN_LOCKED' });
    await expect(
      prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' }),
    ).rejects.toMatchObject({ code: 'FOLDER_EXISTS' });
    expect(await trained(run)).toMatchObject({ status: 'finished' });
    await expect(again()).rejects.toMatchObject({ code: 'RUN_FINISHED' });
  });

  it('on another machine, or in another container, can be resumed only after a timeout', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    const file = join(context.cwd, 'run', 'run.json');
    const record = JSON.parse(await readFile(file, 'utf8')) as { lockSpace: string };
    const saved = async (changes: object): Promise<string> => {
      await writeFile(file, JSON.stringify({ ...record, status: 'running', ...changes }));
      const { runs } = await listRuns(context.cwd, 'run');
      return runs.map(({ state }) => state).join();
    };
    const now = new Date().toISOString();
    expect(record.lockSpace).toMatch(/^[0-9a-f]{16}$/);
    expect(await saved({ updated: now })).toBe('killed');
    expect(await saved({ lockSpace: 'elsewhere', updated: now })).toBe('running');
    await expect(prepareResumedRun(context, 'run', {})).rejects.toMatchObject({
      code: 'RUN_LOCKED',
      message: `run "run" was saved at ${now} on another machine or in another container: stop it there; if it was killed, try again in two minutes`,
    });
    const before = new Date(Date.now() - 121_000).toISOString();
    expect(await saved({ lockSpace: 'elsewhere', updated: before })).toBe('killed');
    expect(await trained(await prepareResumedRun(context, 'run', {}))).toMatchObject({ status: 'finished' });
  });

  it('is unlocked if resuming it fails', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    for (let i = 0; i < 2; i++) {
      await expect(prepareResumedRun(context, 'run', { model: 'other' })).rejects.toThrow('is a run of tiny');
    }
    expect(await isLocked(folderName(context.cwd, 'run'))).toBe(false);
  });

  it('does not share its folder with another run', async () => {
    const context = await makeContext(reference);
    const request = { ...settings, backend: 'reference' };
    const first = await prepareRun(context, 'tiny', request);
    const second = await prepareRun(context, 'tiny', request);
    expect([first, second].map(({ folder }) => folder.shown)).toEqual([
      join('runs', 'tiny-fast-reference-0'),
      join('runs', 'tiny-fast-reference-0-2'),
    ]);
    await expect(prepareRun(context, 'tiny', { ...request, out: first.folder.shown })).rejects.toMatchObject({
      code: 'RUN_LOCKED',
    });
    for (const run of [first, second]) await trained(run);
  });
});

describe('a folder whose process was killed before it wrote run.json', () => {
  it.each([
    ['by its name', 'run'],
    ['by its number', undefined],
  ])('is reused %s', async (_, out) => {
    const context = await makeContext(reference);
    const path = join(context.cwd, out ?? 'runs/tiny-fast-reference-0');
    await mkdir(join(path, 'checkpoints'), { recursive: true });
    await writeFile(join(path, '.run.json.123.tmp'), '{');
    await writeFile(join(path, 'checkpoints', 'step-0.safetensors'), 'weights of another run');
    // Old enough that no process on another machine can still be starting.
    await utimes(path, 0, 0);
    const request = { ...settings, backend: 'reference', ...(out === undefined ? {} : { out }) };
    const run = await prepareRun(context, 'tiny', request);
    expect(run.folder.path).toBe(path);
    expect(await readdir(path)).toEqual([]);
    expect(await trained(run)).toMatchObject({ status: 'finished' });
    expect((await listRuns(context.cwd, path)).runs).toMatchObject([{ state: 'finished' }]);
  });

  it.each([
    ['a file of the user', 'notes.txt'],
    ['weights', 'weights.safetensors'],
    ['a later checkpoint', join('checkpoints', 'step-9.safetensors')],
  ])('is kept if it contains %s', async (_, file) => {
    const context = await makeContext(reference);
    await mkdir(join(context.cwd, 'run', 'checkpoints'), { recursive: true });
    await writeFile(join(context.cwd, 'run', file), '');
    const making = prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' });
    await expect(making).rejects.toThrow('"run" already exists: choose another folder with --out');
    expect(await readdir(join(context.cwd, 'run'), { recursive: true })).toContain(file);
  });
});
