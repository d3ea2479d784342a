// Creates folders under a given name, which must be free, or under the first free name of a numbered series.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { codeOf, DataError } from '@isonet/core';
import { syncFolder } from './files.ts';
import { reasonOf } from './unwritable.ts';

/** The name of a folder or file, for programs and for users. */
export interface FolderName {
  /** The absolute path. */
  readonly path: string;
  /** The path as the user types it. */
  readonly shown: string;
}

/** Resolves a name without accessing the disk. @param given the path, relative to `cwd` */
export function folderName(cwd: string, given: string): FolderName {
  const path = resolve(cwd, given);
  const short = relative(cwd, path);
  return { path, shown: short === '' || short.startsWith('..') || isAbsolute(short) ? path : short };
}

/** Decides whether an existing folder may be used. */
export type Reusable = (path: string) => Promise<boolean>;

const never: Reusable = () => Promise.resolve(false);

/** Checks that a name is free for a new folder. @throws DataError `FOLDER_EXISTS` if it is not */
export async function checkFree(cwd: string, out: string, reusable: Reusable = never): Promise<void> {
  const folder = folderName(cwd, out);
  if ((await pathExists(folder.path)) && !(await reusable(folder.path))) throw taken(folder);
}

/** Creates a folder and its parents. @throws DataError `FOLDER_EXISTS`; `FILE_WRITE` */
export async function makeFolder(cwd: string, out: string, reusable: Reusable = never): Promise<FolderName> {
  const folder = folderName(cwd, out);
  if (!(await make(folder, reusable))) throw taken(folder);
  return folder;
}

/** Creates `<parent>/<name>`, or `<parent>/<name>-2`, -3, ... @throws DataError `FILE_WRITE` */
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

/**
 * Returns whether `path` exists.
 * @throws DataError `FILE_UNREADABLE` if that cannot be determined, as in a folder without permission
 */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return false;
    throw new DataError('FILE_UNREADABLE', `${path}: cannot be accessed: ${reasonOf(cause)}`, { cause });
  }
}

/** Creates the folder. @returns false if the name is taken */
async function make({ path, shown }: FolderName, reusable: Reusable): Promise<boolean> {
  try {
    await makeFolders(dirname(path));
    await mkdir(path);
    await syncFolder(dirname(path));
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST' && (await pathExists(path))) return reusable(path);
    throw new DataError(
      'FILE_WRITE',
      `folder "${shown}": cannot be created: ${reasonOf(cause)}; choose another folder with --out`,
      { cause },
    );
  }
}

function taken({ shown }: FolderName): DataError {
  return new DataError('FOLDER_EXISTS', `"${shown}" already exists: choose another folder with --out`);
}

/** Creates a folder and its parents. It avoids mkdir's `recursive`, which never returns below /proc in Node 20. */
async function makeFolders(path: string): Promise<void> {
  if (await pathExists(path)) return;
  await makeFolders(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    // Another process created it first.
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}
