// What can go wrong while data are fetched, each in one line with its fix.
import { codeOf, DataError, messageOf } from '@isonet/core';

/** A mirror did not give the file: another may. */
export class MirrorError extends DataError {
  override readonly name = 'MirrorError';

  /** Whether the same mirror may give the rest, or all of it, when it is asked again. */
  readonly isPassing: boolean;

  constructor(
    code: 'FETCH_NETWORK' | 'FETCH_STATUS' | 'FETCH_SIZE' | 'FETCH_CHECKSUM',
    message: string,
    isPassing: boolean,
    cause?: unknown,
  ) {
    super(code, message, cause === undefined ? {} : { cause });
    this.isPassing = isPassing;
  }
}

/** Why a connection failed: `fetch failed` is all that the outer error says. */
export function networkReason(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const [code, text] = [codeOf(inner), firstLine(messageOf(inner))];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name of the server is not found';
  if (text === '') return code ?? 'the connection failed';
  return text;
}

/** The error for a file that cannot be written. */
function writeError(path: string, cause: unknown): DataError {
  const code = codeOf(cause);
  const fixes: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full; make room and run this again, what has arrived is kept',
    EDQUOT: 'the quota is used up; make room and run this again, what has arrived is kept',
    EACCES: 'it may not be written; name another folder: --to FOLDER',
    EPERM: 'it may not be written; name another folder: --to FOLDER',
    ENOENT: 'it is gone; if another process fetches the same, wait for it',
    EROFS: 'the file system is read-only; name another folder: --to FOLDER',
    ENOTDIR: 'a part of the path is a file; name another folder: --to FOLDER',
    EEXIST: 'a part of the path is a file; name another folder: --to FOLDER',
  };
  const reason = (code === undefined ? undefined : fixes[code]) ?? firstLine(messageOf(cause));
  return new DataError('FETCH_WRITE', `cannot write "${path}": ${reason}`, { cause });
}

/** Awaits work on a file. @throws DataError `FETCH_WRITE` when it fails */
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
