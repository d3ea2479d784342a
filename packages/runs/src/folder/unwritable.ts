// What keeps a file from being written, and the fix that works: the system says only the first, and in its own words.
import { dirname } from 'node:path';
import { codeOf, DataError, messageOf } from '@isonet/core';

const ELSEWHERE = 'name a place on another disk';

/** By the system's error code. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: `the disk is full: free some space, or ${ELSEWHERE}`,
  EDQUOT: `your quota of the disk is used up: delete files of yours, or ${ELSEWHERE}`,
  EROFS: `the disk is read-only: ${ELSEWHERE}`,
  EACCES: 'permission denied: name a folder that you may write into',
  EPERM: 'the system does not allow it: name a folder that you may write into',
  EFBIG: 'the file would be larger than allowed: raise the limit (ulimit -f), or write to another disk',
  EMFILE: 'this process has too many files open: raise the limit (ulimit -n 4096)',
  ENFILE: 'this machine has too many files open: close other programs, and try again',
  EIO: `the disk does not answer as it should: ${ELSEWHERE}`,
  ENAMETOOLONG: 'the name is too long: name a shorter one',
};

/** `FILE_WRITE`: what keeps a file from being written, and what to do. @param shown the path as people typed it */
export function unwritable(shown: string, cause: unknown): DataError {
  return new DataError('FILE_WRITE', `${shown}: ${problemOf(shown, cause)}`, { cause });
}

function problemOf(shown: string, cause: unknown): string {
  const code = codeOf(cause);
  if (code === 'ENOENT') return `the folder ${dirname(shown)} does not exist: make it first`;
  const problem = code === undefined ? undefined : PROBLEMS[code];
  return `cannot be written: ${problem === undefined ? reasonOf(cause) : `${problem} (${String(code)})`}`;
}

/** The message of an error of the system without its call, whose path may be that of a temporary file. */
export function reasonOf(error: unknown): string {
  return messageOf(error).replace(/, \w+( '.*')?$/, '');
}
