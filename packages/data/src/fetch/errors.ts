// The errors of fetching data. Each message is one line and names the fix.
import { codeOf, DataError, messageOf } from '@isonet/core';

/** The failure of one mirror; another one may have the file. */
export class MirrorError extends DataError {
  override readonly name = 'MirrorError';

  /** Whether the failure is transient, so that the same mirror is worth a retry. */
  readonly isTransient: boolean;

  constructor(
    code: 'FETCH_NETWORK' | 'FETCH_STATUS' | 'FETCH_SIZE' | 'FETCH_CHECKSUM',
    message: string,
    isTransient: boolean,
    cause?: unknown,
  ) {
    super(code, message, cause === undefined ? {} : { cause });
    this.isTransient = isTransient;
  }
}

/** Returns why a connection failed. The outer error only says `fetch failed`. */
export function networkReason(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const [code, text] = [codeOf(inner), firstLine(messageOf(inner))];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the server name cannot be resolved';
  if (text === '') return code ?? 'the connection failed';
  return text;
}

/** Builds the error for a file that cannot be written. */
function writeError(path: string, cause: unknown): DataError {
  const code = codeOf(cause);
  const fixes: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full; free some space and run this again to continue',
    EDQUOT: 'the quota is used up; free some space and run this again to continue',
    EACCES: 'permission denied; choose another folder: --to FOLDER',
    EPERM: 'the system does not allow it; choose another folder: --to FOLDER',
    ENOENT: 'it has disappeared; if another process is fetching the same dataset, wait for it',
    EROFS: 'the file system is read-only; choose another folder: --to FOLDER',
    ENOTDIR: 'a part of the path is a file; choose another folder: --to FOLDER',
    EEXIST: 'a part of the path is a file; choose another folder: --to FOLDER',
  };
  const reason = (code === undefined ? undefined : fixes[code]) ?? firstLine(messageOf(cause));
  return new DataError('FETCH_WRITE', `cannot write "${path}": ${reason}`, { cause });
}

/** Awaits work on a file. @throws DataError `FETCH_WRITE` if it fails */
export async function written<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw writeError(path, cause);
  }
}

function firstLine(text: string): string {
  return text.trim().replace(/\n[^]*$/, '');
}
