// Tests that errors of unwritable files explain the system's error code and name the fix.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '@isonet/runs';
import { expect, it, onTestFinished } from 'vitest';
import { unwritable } from '../src/folder/unwritable.ts';

const failed = (code: string, words: string): Error =>
  Object.assign(new Error(`${code}: ${words}, open '/a/.x.1.tmp'`), { code });

it.each([
  ['ENOSPC', 'the disk is full: free some space, or choose a folder on another disk (ENOSPC)'],
  [
    'EDQUOT',
    'your disk quota is used up: delete some of your files, or choose a folder on another disk (EDQUOT)',
  ],
  ['EROFS', 'the disk is read-only: choose a folder on another disk (EROFS)'],
  ['EACCES', 'permission denied: choose a folder that you can write to (EACCES)'],
  ['EMFILE', 'this process has too many files open: raise the limit (ulimit -n 4096) (EMFILE)'],
  [
    'EFBIG',
    'the file would exceed the size limit: raise the limit (ulimit -f), or write to another disk (EFBIG)',
  ],
  ['ELOOP', 'ELOOP: words'],
])('explains %s', (code, text) => {
  const cause = failed(code, 'words');
  expect(unwritable('a/x', cause)).toMatchObject({
    code: 'FILE_WRITE',
    message: `a/x: cannot be written: ${text}`,
    cause,
  });
});

it('explains a real error of the system', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'isonet-unwritable-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const name = 'x'.repeat(255);
  await expect(replaceFile(join(cwd, name), '', name)).rejects.toMatchObject({
    message: `${name}: cannot be written: the name is too long: choose a shorter one (ENAMETOOLONG)`,
  });
});
