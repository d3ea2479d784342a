// Writes an HTML page in addition to a command's output.
import { stat } from 'node:fs/promises';
import { DataError } from '@isonet/core';
import { checkWritable, replaceFile, writeNewFile } from '@isonet/runs';

/** The destination of a page. */
export interface Page {
  readonly path: string;
  /** The path as the user typed it. */
  readonly given: string;
  /** Whether to replace an existing file. */
  readonly force: boolean;
}

/**
 * Checks that the page can be written, before the command spends minutes on its content.
 * @throws DataError `FILE_EXISTS`, `FILE_WRITE`
 */
export async function checkPage({ path, given, force }: Page): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there && !force)
    throw new DataError('FILE_EXISTS', `"${given}" already exists: choose another file, or pass --force`);
  await checkWritable(path, given);
}

/** Writes the page. @throws DataError, as {@link checkPage} does */
export async function writePage({ path, given, force }: Page, text: string): Promise<void> {
  await (force ? replaceFile : writeNewFile)(path, text, given);
}
