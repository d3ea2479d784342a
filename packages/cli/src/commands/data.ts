// isonet data FOLDER: inspects an image folder: classes, sizes, pixel statistics, duplicates, files that cannot be read.
import { resolve } from 'node:path';
import { DataError } from '@isonet/core';
import type { DescribeOptions, FolderReport, ScanProgress } from '@isonet/data';
import { describeIdxFolder, describeImageFolder } from '@isonet/data';
import type { Context } from '../context.ts';
import { canRedraw, printJson, printLine, printStyled } from '../io.ts';
import { checkPage, type Page, writePage } from '../page.ts';
import { Bar } from '../show/bar.ts';
import { folderLines } from '../show/folderReport.ts';
import { count } from '../show/text.ts';
import { writingWhole } from '../stop.ts';

/** Options of {@link data}. */
export interface DataOptions {
  readonly manifest?: string;
  readonly html?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** The number of thumbnails per class on the contact sheet. */
const THUMBNAILS = 24;

/** Describes a folder of images or, if it has none, of IDX files. @throws DataError for the image folder if both fail */
async function describe(
  folder: string,
  options: DescribeOptions & { readonly thumbnails: number },
): Promise<FolderReport> {
  try {
    return await describeImageFolder(folder, options);
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== 'DATA_FOLDER') throw error;
    try {
      return await describeIdxFolder(folder, options.thumbnails);
    } catch (other) {
      if (other instanceof DataError && other.code === 'DATA_MISSING') throw error;
      throw other;
    }
  }
}

/** Describes a folder. @returns the exit code: 128 + the signal number if a signal arrived while the page was written */
export async function data({ io }: Context, folder: string, options: DataOptions): Promise<number> {
  const { manifest, html, force = false, json = false } = options;
  const page: Page | undefined =
    html === undefined ? undefined : { path: resolve(io.cwd, html), given: html, force };
  if (page) await checkPage(page);
  const bar = canRedraw(io) ? new Bar(io) : undefined;
  const onProgress = ({ done, total, skipped }: ScanProgress): void => {
    const after = skipped === 0 ? '' : `${count(skipped)} cannot be read`;
    bar?.show({ before: 'images', after, width: 60 }, { done, all: total });
  };
  const report = await describe(resolve(io.cwd, folder), {
    ...(manifest === undefined ? {} : { manifest: resolve(io.cwd, manifest) }),
    onProgress,
    thumbnails: page ? THUMBNAILS : 0,
  }).finally(() => bar?.close());
  const lines = folderLines({ ...report, folder });
  if (json) {
    printJson(io, { ...report, folder, thumbnails: undefined });
  } else {
    printLine(io, lines.headline);
    for (const line of lines.table) printStyled(io, line);
    for (const line of [...lines.facts, ...lines.findings]) printLine(io, line);
  }
  if (!page) return 0;
  const { contactSheet } = await import('../show/contactSheet.ts');
  const text = await contactSheet({ ...report, folder }, lines);
  const stopped = await writingWhole(io, page.given, () => writePage(page, text));
  if (!json) printLine(io, `${page.given} is the contact sheet: open it in a browser`);
  return stopped ?? 0;
}
