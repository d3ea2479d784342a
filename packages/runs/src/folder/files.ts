// Writes files atomically: each is written under a temporary name, flushed and renamed. Then the folder is flushed, because
// a power cut could undo the renaming.
import { access, constants, link, lstat, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Tensors } from '@isonet/core';
import { codeOf, DataError, decodeSafetensors } from '@isonet/core';
import { verifyChecksum } from './checksum.ts';
import { reasonOf, unwritable } from './unwritable.ts';

/**
 * Writes a file, or replaces an existing one. Never replaces a folder, a link or a device.
 * @param shown the path as the user typed it
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

/** Writes and flushes a temporary file, which `place` moves to its final path. @throws DataError `FILE_WRITE` */
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

/** The name of a temporary file: the final name, and the id of the process that writes it. */
const TEMPORARY = /^\.(.+)\.(\d+)\.tmp$/;

function temporaryFor(path: string, pid: number | string): string {
  return join(dirname(path), `.${basename(path)}.${pid}.tmp`);
}

/** The number of attempts on Windows, and the pause between them. */
const [ATTEMPTS, PAUSE_MS] = [10, 200] as const;

/**
 * Renames a file. Windows refuses while a virus scanner or an indexer reads the old file, so the call is retried there.
 */
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

/** Flushes the entries of a folder. Windows has no such call; file systems that reject it have nothing to flush. */
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

/**
 * A writer that does not run on this machine may run on another one that shares the disk, so its file is kept for an hour.
 */
const ABANDONED_MS = 3_600_000;

/** Removes the temporary files that killed processes left for this path. */
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
    // EPERM: the process belongs to another user, but it is running.
    return codeOf(error) !== 'ESRCH';
  }
}

/** Removes all temporary files in a folder. The caller knows that no other process is writing there. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (isTemporary(name)) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/** Returns whether a name is that of a temporary file. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * Writes a file that must not exist yet.
 * @param shown the path as the user typed it
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
      // The link claims the name: if two processes write the same file, one of them fails here.
      await link(temporary, path);
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') throw fileExists(shown, cause);
      // The file system has no hard links. The name was free a moment ago, so rename.
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
 * Appends a line to a file, creating it if needed, and flushes it.
 * @param shown the path as the user typed it
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
 * Checks that a file can be written, before the work that produces its contents.
 * @param shown the path as the user typed it
 * @throws DataError `FILE_WRITE`
 */
export async function checkWritable(path: string, shown: string = path): Promise<void> {
  await checkReplaceable(path, shown);
  try {
    // With the trailing slash, anything that is not a folder fails.
    await access(`${dirname(path)}/`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(shown, cause);
  }
}

/**
 * Reads a regular file of at most `maxBytes`.
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

/** Reads a file as {@link readWholeFile} does, and decodes it as UTF-8. */
export async function readWholeText(path: string, maxBytes: number): Promise<string> {
  return new TextDecoder().decode(await readWholeFile(path, maxBytes));
}

/** The maximum size of a file of tensors, in bytes. */
export const MAX_TENSOR_BYTES: number = 2 ** 31 - 1;

/**
 * Reads the tensors of a .safetensors file.
 * @param shown the path as the user typed it
 * @throws DataError `FILE_MISSING`; `FILE_UNREADABLE`; `SAFETENSORS` or `CHECKSUM` if it is damaged
 */
export async function readTensorFile(path: string, shown: string = path): Promise<Tensors> {
  const { tensors, metadata } = decodeSafetensors(await readWholeFile(path, MAX_TENSOR_BYTES), shown);
  verifyChecksum(tensors, metadata, shown);
  return tensors;
}

async function checkReplaceable(path: string, shown: string): Promise<void> {
  const older = await lstat(path).catch(() => undefined);
  if (older && !older.isFile()) {
    throw new DataError('FILE_WRITE', `${shown}: not a regular file: choose another name`);
  }
}
