// New folders: made under the name that was given, which must be free, or under the first free number.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { codeOf, DataError } from '@isonet/core';
import { syncFolder } from './files.ts';
import { reasonOf } from './unwritable.ts';

/** A folder's name, for programs and for people. */
export interface FolderName {
  /** Absolute. */
  readonly path: string;
  /** As people type it. */
  readonly shown: string;
}

/** Resolves a folder's name, without a look at the disk. @param given relative to `cwd` */
export function folderName(cwd: string, given: string): FolderName {
  const path = resolve(cwd, given);
  const short = relative(cwd, path);
  return { path, shown: short === '' || short.startsWith('..') || isAbsolute(short) ? path : short };
}

/** Whether a folder that is there may be used all the same. */
export type Reusable = (path: string) => Promise<boolean>;

const never: Reusable = () => Promise.resolve(false);

/** Checks that a name is free for a new folder. @throws DataError `FOLDER_EXISTS` when it is not */
export async function checkFree(cwd: string, out: string, reusable: Reusable = never): Promise<void> {
  const folder = folderName(cwd, out);
  if ((await isThere(folder.path)) && !(await reusable(folder.path))) throw taken(folder);
}

/** Makes the folder that was named, and those above it. @throws DataError `FOLDER_EXISTS`; `FILE_WRITE` */
export async function makeFolder(cwd: string, out: string, reusable: Reusable = never): Promise<FolderName> {
  const folder = folderName(cwd, out);
  if (!(await make(folder, reusable))) throw taken(folder);
  return folder;
}

/** Makes `<parent>/<name>`, or `<parent>/<name>-2`, -3, ... @throws DataError `FILE_WRITE` */
export async function makeNumberedFolder(
  cwd: string,
  parent: string,
  name: string,
  reusable: Reusable = never,
): Promise<FolderName> {
  for (let i = 1; ; i++) {
    const folder = folderName(cwd, join(parent, i === 1 ? name : `${name}-${i}`));
    if (await make(folder, reusable)) return folder;
  }
}

/** Whether something is at `path`. @throws DataError `FILE_UNREADABLE` when that cannot be told (a locked folder) */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return false;
    throw new DataError('FILE_UNREADABLE', `${path}: cannot be looked at: ${reasonOf(cause)}`, { cause });
  }
}

/** False when the name is taken. */
async function make({ path, shown }: FolderName, reusable: Reusable): Promise<boolean> {
  try {
    await makeFolders(dirname(path));
    await mkdir(path);
    await syncFolder(dirname(path));
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST' && (await isThere(path))) return reusable(path);
    throw new DataError(
      'FILE_WRITE',
      `folder "${shown}": cannot be made: ${reasonOf(cause)}; name another folder with --out`,
      { cause },
    );
  }
}

function taken({ shown }: FolderName): DataError {
  return new DataError('FOLDER_EXISTS', `"${shown}" already exists: name another folder with --out`);
}

/** Makes a folder and those above it. Not by mkdir's `recursive`: below /proc, Node 20 never returns from it. */
async function makeFolders(path: string): Promise<void> {
  if (await isThere(path)) return;
  await makeFolders(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    // Another process was faster.
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}
