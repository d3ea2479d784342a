// Builds the error for a file that cannot be written: explains the system's error code and suggests a fix.
import { dirname } from 'node:path';
import { codeOf, DataError, messageOf } from '@isonet/core';

const ELSEWHERE = 'choose a folder on another disk';

/** The problem and its fix, by the system's error code. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: `the disk is full: free some space, or ${ELSEWHERE}`,
  EDQUOT: `your disk quota is used up: delete some of your files, or ${ELSEWHERE}`,
  EROFS: `the disk is read-only: ${ELSEWHERE}`,
  EACCES: 'permission denied: choose a folder that you can write to',
  EPERM: 'the system does not allow it: choose a folder that you can write to',
  EFBIG: 'the file would exceed the size limit: raise the limit (ulimit -f), or write to another disk',
  EMFILE: 'this process has too many files open: raise the limit (ulimit -n 4096)',
  ENFILE: 'this machine has too many files open: close other programs and try again',
  EIO: `the disk reported an I/O error: ${ELSEWHERE}`,
  ENAMETOOLONG: 'the name is too long: choose a shorter one',
};

/** Builds a `FILE_WRITE` error with the problem and its fix. @param shown the path as the user typed it */
export function unwritable(shown: string, cause: unknown): DataError {
  return new DataError('FILE_WRITE', `${shown}: ${problemOf(shown, cause)}`, { cause });
}

function problemOf(shown: string, cause: unknown): string {
  const code = codeOf(cause);
  if (code === 'ENOENT') return `the folder ${dirname(shown)} does not exist: create it first`;
  const problem = code === undefined ? undefined : PROBLEMS[code];
  return `cannot be written: ${problem === undefined ? reasonOf(cause) : `${problem} (${String(code)})`}`;
}

/** Returns a system error's message without the failed call, whose path may be that of a temporary file. */
export function reasonOf(error: unknown): string {
  return messageOf(error).replace(/, \w+( '.*')?$/, '');
}
