// Writes a page of HTML in addition to a command's output.
import { stat } from 'node:fs/promises';
import { DataError } from '@isonet/core';
import { checkWritable, replaceFile, writeNewFile } from '@isonet/runs';

/** Where a page goes. */
export interface Page {
  readonly path: string;
  /** As it was given. */
  readonly given: string;
  /** Whether it may replace a file. */
  readonly force: boolean;
}

/**
 * Before minutes are spent on what cannot be written.
 * @throws DataError `FILE_EXISTS`, `FILE_WRITE`
 */
export async function checkPage({ path, given, force }: Page): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there && !force)
    throw new DataError('FILE_EXISTS', `"${given}" already exists: name another file, or --force`);
  await checkWritable(path, given);
}

/** Writes the page. @throws DataError as {@link checkPage} */
export async function writePage({ path, given, force }: Page, text: string): Promise<void> {
  await (force ? replaceFile : writeNewFile)(path, text, given);
}
