// Files that are whole or not there: written under a temporary name, flushed, and renamed; then the folder is flushed, or a power
// cut could undo the renaming.
import { access, constants, link, lstat, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Tensors } from '@isonet/core';
import { codeOf, DataError, decodeSafetensors } from '@isonet/core';
import { verifyChecksum } from './checksum.ts';
import { reasonOf, unwritable } from './unwritable.ts';

/**
 * Writes a file, in the place of an older one if there is one; a folder, a link or a device stays as it is.
 * @param shown the path as people typed it
 * @throws DataError `FILE_WRITE`
 */
export async function replaceFile(
  path: string,
  data: Uint8Array | string,
  shown: string = path,
): Promise<void> {
  await checkReplaceable(path, shown);
  await throughTemporary(path, data, shown, (temporary) => renameInPlace(temporary, path));
  await removeAbandoned(path);
}

/** Writes and flushes a temporary file, which `place` puts in its place. @throws DataError `FILE_WRITE` */
async function throughTemporary(
  path: string,
  data: Uint8Array | string,
  shown: string,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryFor(path, process.pid);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause instanceof DataError ? cause : unwritable(shown, cause);
  }
}

/** The file, and the process that was writing it. */
const TEMPORARY = /^\.(.+)\.(\d+)\.tmp$/;

function temporaryFor(path: string, pid: number | string): string {
  return join(dirname(path), `.${basename(path)}.${pid}.tmp`);
}

/** How often Windows is asked again, and how long it is given each time. */
const [ATTEMPTS, PAUSE_MS] = [10, 200] as const;

/** Windows refuses to replace a file that somebody reads: a virus scanner, an indexer. They are soon done. */
async function renameInPlace(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const isBusy = ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '');
      if (process.platform !== 'win32' || !isBusy || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** Flushes the names in a folder. Windows has no such call; some file systems refuse it, and have nothing to flush then. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await folder.close();
  }
}

/** A writer that is not running, on this machine, may be running on another one that shares the disk: it is given an hour. */
const ABANDONED_MS = 3_600_000;

/** Removes what killed processes have left of this file. */
async function removeAbandoned(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    const [, file, pid] = TEMPORARY.exec(name) ?? [];
    if (file !== basename(path) || pid === undefined || isRunning(Number(pid))) continue;
    const temporary = temporaryFor(path, pid);
    const info = await stat(temporary).catch(() => undefined);
    if (info && Date.now() - info.mtimeMs > ABANDONED_MS)
      await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Of another user, it is running all the same.
    return codeOf(error) !== 'ESRCH';
  }
}

/** Removes the temporary files in a folder of which no other process is the writer. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (isTemporary(name)) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/** Whether a file has the name of one that was being written. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * Writes a file that must not be there yet.
 * @param shown the path as people typed it
 * @throws DataError `FILE_EXISTS`; `FILE_WRITE`
 */
export async function writeNewFile(
  path: string,
  data: Uint8Array | string,
  shown: string = path,
): Promise<void> {
  if (await lstat(path).catch(() => undefined)) throw fileExists(shown);
  await throughTemporary(path, data, shown, async (temporary) => {
    try {
      // Takes the name: of two processes, one fails here.
      await link(temporary, path);
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') throw fileExists(shown, cause);
      // A file system without links: the name was free a moment ago.
      return renameInPlace(temporary, path);
    }
    return rm(temporary, { force: true });
  });
}

function fileExists(shown: string, cause?: unknown): DataError {
  const why = cause === undefined ? {} : { cause };
  return new DataError('FILE_EXISTS', `${shown}: already exists`, why);
}

/**
 * Appends a line to a file, which is made where it is missing, and flushes it.
 * @param shown the path as people typed it
 * @throws DataError `FILE_WRITE`
 */
export async function appendLine(path: string, line: string, shown: string = path): Promise<void> {
  await checkReplaceable(path, shown);
  try {
    const file = await open(path, 'a');
    let isNew: boolean;
    try {
      isNew = (await file.stat()).size === 0;
      await file.writeFile(`${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    if (isNew) await syncFolder(dirname(path));
  } catch (cause) {
    throw unwritable(shown, cause);
  }
}

/**
 * Checks that a file could be written now, before the work whose result it takes.
 * @param shown the path as people typed it
 * @throws DataError `FILE_WRITE`
 */
export async function checkWritable(path: string, shown: string = path): Promise<void> {
  await checkReplaceable(path, shown);
  try {
    // The trailing slash refuses what is not a folder.
    await access(`${dirname(path)}/`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(shown, cause);
  }
}

/**
 * A regular file of at most `maxBytes`.
 * @throws DataError `FILE_MISSING`; `FILE_UNREADABLE`
 */
export async function readWholeFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const info = await stat(path);
    if (!info.isFile())
      throw new DataError('FILE_UNREADABLE', `${path}: expected a file, got a folder or a device`);
    if (info.size > maxBytes) {
      throw new DataError('FILE_UNREADABLE', `${path}: expected at most ${maxBytes} bytes, got ${info.size}`);
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    if (codeOf(cause) === 'ENOENT') throw new DataError('FILE_MISSING', `${path}: no such file`, { cause });
    throw new DataError('FILE_UNREADABLE', `${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** As {@link readWholeFile}, decoded as UTF-8. */
export async function readWholeText(path: string, maxBytes: number): Promise<string> {
  return new TextDecoder().decode(await readWholeFile(path, maxBytes));
}

/** The most bytes of a file of tensors. */
export const MAX_TENSOR_BYTES: number = 2 ** 31 - 1;

/**
 * The tensors of a .safetensors file.
 * @param shown the path as people typed it
 * @throws DataError `FILE_MISSING`; `FILE_UNREADABLE`; `SAFETENSORS` or `CHECKSUM` when it is damaged
 */
export async function readTensorFile(path: string, shown: string = path): Promise<Tensors> {
  const { tensors, metadata } = decodeSafetensors(await readWholeFile(path, MAX_TENSOR_BYTES), shown);
  verifyChecksum(tensors, metadata, shown);
  return tensors;
}

async function checkReplaceable(path: string, shown: string): Promise<void> {
  const older = await lstat(path).catch(() => undefined);
  if (older && !older.isFile()) {
    throw new DataError('FILE_WRITE', `${shown}: is not a regular file: name another`);
  }
}
