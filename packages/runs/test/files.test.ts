// Tests writing files atomically and creating folders, with errors that name the fix.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkFree,
  checkWritable,
  makeFolder,
  makeNumberedFolder,
  replaceFile,
  writeNewFile,
} from '@isonet/runs';
import { describe, expect, it, onTestFinished } from 'vitest';

async function makeCwd(): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'isonet-files-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  return cwd;
}

describe('a folder', () => {
  it('is created with its parents if the name is free', async () => {
    const cwd = await makeCwd();
    await checkFree(cwd, 'one/two');
    expect(await makeFolder(cwd, 'one/two')).toEqual({ path: join(cwd, 'one/two'), shown: 'one/two' });
    const message = '"one/two" already exists: choose another folder with --out';
    await expect(makeFolder(cwd, 'one/two')).rejects.toMatchObject({ code: 'FOLDER_EXISTS', message });
    await expect(checkFree(cwd, 'one/two')).rejects.toMatchObject({ code: 'FOLDER_EXISTS', message });
  });

  it('is numbered if the name is taken', async () => {
    const cwd = await makeCwd();
    const names = ['a', 'a', 'a'].map((name) => () => makeNumberedFolder(cwd, 'found', name));
    const shown: string[] = [];
    for (const make of names) shown.push((await make()).shown);
    expect(shown).toEqual(['found/a', 'found/a-2', 'found/a-3']);
    expect((await readdir(join(cwd, 'found'))).toSorted()).toEqual(['a', 'a-2', 'a-3']);
  });

  it('is an error if it cannot be created', async () => {
    const cwd = await makeCwd();
    await writeFile(join(cwd, 'file'), '');
    await expect(makeFolder(cwd, 'file/run')).rejects.toThrow(/^folder "file\/run": cannot be created: /);
  });
});

describe('a file in a folder that does not exist', () => {
  it.each([
    ['replaceFile', (path: string, shown: string) => replaceFile(path, '', shown)],
    ['writeNewFile', (path: string, shown: string) => writeNewFile(path, '', shown)],
    ['checkWritable', (path: string, shown: string) => checkWritable(path, shown)],
  ])('is rejected by %s, naming the folder', async (_, write) => {
    const cwd = await makeCwd();
    await expect(write(join(cwd, 'nowhere/x'), 'nowhere/x')).rejects.toMatchObject({
      code: 'FILE_WRITE',
      message: 'nowhere/x: the folder nowhere does not exist: create it first',
    });
    await writeFile(join(cwd, 'file'), '');
    await expect(write(join(cwd, 'file/x'), 'file/x')).rejects.toMatchObject({
      code: 'FILE_WRITE',
      message: 'file/x: cannot be written: ENOTDIR: not a directory',
    });
  });
});

it('checkWritable writes nothing, and rejects the same paths as replaceFile', async () => {
  const cwd = await makeCwd();
  await checkWritable(join(cwd, 'x'));
  await mkdir(join(cwd, 'folder'));
  expect(await readdir(cwd)).toEqual(['folder']);
  await expect(checkWritable(join(cwd, 'folder'), 'folder')).rejects.toThrow(
    'folder: not a regular file: choose another name',
  );
});
