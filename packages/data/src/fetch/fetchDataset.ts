// Fetches a published dataset into a folder that the loaders read. No other part of isonet downloads data.
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import { cacheFolderOf } from '../cacheFolder.ts';
import { publishedAs } from '../idx/published.ts';
import { findIdx, readIdx, readIdxLabels } from '../idx/readIdx.ts';
import { abortSignal } from './abort.ts';
import { download } from './download.ts';
import { written } from './errors.ts';
import { digestOf } from './part.ts';
import { PATIENCE, type Patience } from './patience.ts';
import type { StopSignal } from './stopSignal.ts';
import {
  PUBLISHED,
  type Published,
  type PublishedName,
  publishedNames,
  type RemoteFile,
} from './published.ts';
import { isUnpacked, unpack } from './unpack.ts';

/** Options of {@link fetchDataset}. */
export interface FetchOptions {
  /**
   * Default: the cache folder, where `loadFashionMnist` finds Fashion-MNIST; for Fashion-MNIST, ISONET_DATA if it is set.
   */
  readonly folder?: string;
  /** The base URL of the files, instead of the known mirrors: `https://host/folder/`. */
  readonly mirror?: string;
  /** An AbortSignal that stops the download. */
  readonly signal?: StopSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** The progress of a download. */
export interface FetchProgress {
  /** The name of the current file. */
  readonly file: string;
  /** The number of bytes received for all files together, including files that already existed. */
  readonly received: number;
  readonly bytes: number;
}

/** A file of a fetched dataset. */
export interface FetchedFile {
  readonly name: string;
  readonly bytes: number;
  /** The URL that it came from; undefined if it already existed. */
  readonly from: string | undefined;
}

/** A dataset that was fetched into a folder. */
export interface FetchedDataset {
  readonly name: PublishedName;
  /** The name for messages. */
  readonly title: string;
  readonly folder: string;
  readonly files: readonly FetchedFile[];
}

/**
 * Fetches Fashion-MNIST, MNIST, CIFAR-10 or CIFAR-100. Each file comes from the first of several servers that has it,
 * and an interrupted download is resumed. A file gets its final name only after its SHA-256 has been verified. Existing
 * files are kept.
 * @throws DataError `FETCH` listing the failure of each server; `FETCH_WRITE` for a folder that cannot be written, or a
 *   full disk; `FETCH_EXISTS` if a different file already has that name; `OPTION` for an unknown name or an invalid
 *   mirror; the reason of the signal if it is aborted
 */
export async function fetchDataset(name: PublishedName, options: FetchOptions = {}): Promise<FetchedDataset> {
  if (!publishedNames.includes(name)) {
    throw new DataError('OPTION', `fetch: name: expected one of ${publishedNames.join(', ')}, got "${name}"`);
  }
  return fetchPublished(PUBLISHED[name], options, PATIENCE);
}

/** Fetches any dataset, as {@link fetchDataset} does. */
export async function fetchPublished(
  published: Published,
  { folder: given, mirror, signal: stop, onProgress }: FetchOptions,
  patience: Patience,
): Promise<FetchedDataset> {
  const signal = abortSignal(stop);
  const { name, title, files, archive } = published;
  const mirrors = mirror === undefined ? published.mirrors : [mirrorUrl(mirror)];
  const folder = given ?? folderOf(name);
  const done = (fetched: readonly FetchedFile[]): FetchedDataset => ({ name, title, folder, files: fetched });
  const present = files.map((file): FetchedFile => ({ ...shown(file), from: undefined }));
  if (archive === undefined ? await hasIdx(folder, title) : await isUnpacked(folder, archive.members)) {
    return done(present);
  }
  await written(folder, () => mkdir(folder, { recursive: true }));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let before = 0;
  const fetched: FetchedFile[] = [];
  for (const file of files) {
    const start = before;
    const report = (received: number): void =>
      onProgress?.({ file: file.name, received: start + received, bytes });
    const path = join(folder, file.name);
    const request = { file, path, mirrors, signal, onProgress: report, patience };
    const from = (await isFetched(path, file)) ? undefined : await download(request);
    before += file.bytes;
    report(file.bytes);
    fetched.push({ ...shown(file), from });
    if (archive === undefined) continue;
    await unpack(path, folder, archive, signal);
    await rm(path);
  }
  return done(fetched);
}

function shown({ name, bytes }: RemoteFile): Pick<FetchedFile, 'name' | 'bytes'> {
  return { name, bytes };
}

/**
 * Returns whether the right file exists.
 * @throws DataError `FETCH_EXISTS` if there is a different one, under any of the names that the loaders read
 */
async function isFetched(path: string, file: RemoteFile): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() && info.size === file.bytes && (await digestOf(path)) === file.sha256) return true;
  const folder = join(path, '..');
  const other = info ? path : await findIdx(folder, file.name.replace(/\.gz$/, ''));
  if (other === undefined) return false;
  throw new DataError(
    'FETCH_EXISTS',
    `"${other}" already exists, but is not the published file: move it away, or choose another folder: --to FOLDER`,
  );
}

/** Returns whether a folder has a dataset under any of the names that the loaders read, compressed or not. */
async function hasIdx(folder: string, title: string): Promise<boolean> {
  const paths: string[] = [];
  for (const name of ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1']) {
    const path = await findIdx(folder, `${name}-ubyte`);
    if (path === undefined) return false;
    paths.push(path);
  }
  const [trainImages, trainLabels, testImages, testLabels] = paths as [string, string, string, string];
  try {
    const published = publishedAs({
      trainImages: await readIdx(trainImages, 3),
      trainLabels: await readIdxLabels(trainLabels),
      testImages: await readIdx(testImages, 3),
      testLabels: await readIdxLabels(testLabels),
    });
    return published?.title === title;
  } catch {
    return false; // A file is damaged: fetching it reports which one.
  }
}

/** @throws DataError `OPTION` */
function mirrorUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new DataError('OPTION', `--mirror: expected a URL such as https://host/folder/, got "${text}"`);
  }
  return text.endsWith('/') ? text : `${text}/`;
}

/** Returns the default folder. @throws DataError `OPTION` for a user without a home folder */
function folderOf(name: PublishedName): string {
  const named = name === 'fashion-mnist' ? process.env['ISONET_DATA'] : undefined;
  const folder = named ? named : cacheFolderOf(name);
  if (folder !== undefined) return folder;
  throw new DataError(
    'OPTION',
    `fetch ${name}: no home folder for the cache: choose a folder with --to FOLDER`,
  );
}
