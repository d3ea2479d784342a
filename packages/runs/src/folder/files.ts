// Files that are whole or not there: written under a temporary name, flushed, and renamed.
import { access, constants, lstat, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Tensors } from '@isonet/core';
import { DataError, decodeSafetensors } from '@isonet/core';
import { codeOf, reasonOf, unwritable } from './unwritable.ts';

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
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(shown, cause);
  }
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
  try {
    // Takes the name: of two processes, one fails here.
    await (await open(path, 'wx')).close();
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw new DataError('FILE_EXISTS', `${shown}: already exists`, { cause });
    throw unwritable(shown, cause);
  }
  try {
    await replaceFile(path, data, shown);
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
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
    try {
      await file.writeFile(`${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
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
 * @throws DataError `FILE_MISSING`; `FILE_UNREADABLE`; `SAFETENSORS` when it is damaged
 */
export async function readTensorFile(path: string, shown: string = path): Promise<Tensors> {
  return decodeSafetensors(await readWholeFile(path, MAX_TENSOR_BYTES), shown).tensors;
}

async function checkReplaceable(path: string, shown: string): Promise<void> {
  const older = await lstat(path).catch(() => undefined);
  if (older && !older.isFile()) {
    throw new DataError('FILE_WRITE', `${shown}: is not a regular file: name another`);
  }
}

