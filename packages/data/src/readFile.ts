// Reading a file that somebody named, before anything is known of it: a regular file, of bounded size, or one error.
import { readFile, stat } from 'node:fs/promises';
import { DataError, messageOf } from '@isonet/core';

/**
 * The bytes of a regular file.
 * @param what the kind of thing it should be, the first word of an error: `image`, `idx`
 * @throws DataError `FILE_MISSING` when there is none; `FILE_UNREADABLE` when it is not a regular file, may not be read,
 * or is larger than `maxBytes`.
 */
export async function readBoundedFile(what: string, path: string, maxBytes: number): Promise<Uint8Array> {
  const unreadable = (problem: string): DataError =>
    new DataError('FILE_UNREADABLE', `${what} "${path}": ${problem}`);
  try {
    const info = await stat(path);
    // A pipe or a terminal would block, a device never end.
    if (!info.isFile()) throw unreadable('expected a regular file, got a folder or a device');
    if (info.size > maxBytes) throw unreadable(`expected at most ${maxBytes} bytes, got ${info.size}`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    if (isAbsent(cause)) {
      throw new DataError('FILE_MISSING', `${what} "${path}": no such file; check the path`, { cause });
    }
    throw new DataError('FILE_UNREADABLE', `${what} "${path}": cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Whether something is at `path`. @throws DataError `FILE_UNREADABLE` when that cannot be told (a locked folder). */
export async function fileExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (isAbsent(cause)) return false;
    throw new DataError('FILE_UNREADABLE', `file "${path}": cannot be looked at: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
