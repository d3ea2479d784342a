// Reads an untrusted file, which must be a regular file of bounded size.
import { readFile, stat } from 'node:fs/promises';
import { DataError, messageOf } from '@isonet/core';

/**
 * Reads the bytes of a regular file.
 * @param what the expected kind of file, the first word of errors: `image`, `idx`
 * @throws DataError `FILE_MISSING` if it does not exist; `FILE_UNREADABLE` if it is not a regular file, cannot be read, or
 *   is larger than `maxBytes`.
 */
export async function readBoundedFile(what: string, path: string, maxBytes: number): Promise<Uint8Array> {
  const unreadable = (problem: string): DataError =>
    new DataError('FILE_UNREADABLE', `${what} "${path}": ${problem}`);
  try {
    const info = await stat(path);
    // Reading a pipe or a terminal would block, and a device may never end.
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

/**
 * Returns whether `path` exists.
 * @throws DataError `FILE_UNREADABLE` if that cannot be determined, as in a folder without permission.
 */
export async function fileExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (isAbsent(cause)) return false;
    throw new DataError('FILE_UNREADABLE', `file "${path}": cannot be accessed: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
