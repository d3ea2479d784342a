// Fetches a published data set into a folder that the loaders read. Nothing else of isonet opens a connection for data.
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
  /** Default: the cache folder, where `loadFashionMnist` finds Fashion-MNIST; that of ISONET_DATA, where it is set. */
  readonly folder?: string;
  /** An address that the names of the files are appended to, instead of those that are known: `https://host/folder/`. */
  readonly mirror?: string;
  /** An AbortSignal. */
  readonly signal?: StopSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** How far it is. */
export interface FetchProgress {
  /** The name of the file under way. */
  readonly file: string;
  /** Of all files together, those that were there included. */
  readonly received: number;
  readonly bytes: number;
}

/** A file of a fetched data set. */
export interface FetchedFile {
  readonly name: string;
  readonly bytes: number;
  /** The URL that it came from; undefined where it was there already. */
  readonly from: string | undefined;
}

/** A data set that is now in a folder. */
export interface FetchedDataset {
  readonly name: PublishedName;
  /** As people write it. */
  readonly title: string;
  readonly folder: string;
  readonly files: readonly FetchedFile[];
}

/**
 * Fetches Fashion-MNIST, MNIST, CIFAR-10 or CIFAR-100, from the first of several servers that has each file; what has arrived
 * before is gone on with. Each file is compared with its published SHA-256 before it gets its name; what is there stays.
 * @throws DataError `FETCH` telling what each server answered; `FETCH_WRITE` for a folder that cannot be written, a full disk;
 *   `FETCH_EXISTS` for another file in the way; `OPTION` for a name or a mirror that does not fit; what the signal was aborted with
 */
export async function fetchDataset(name: PublishedName, options: FetchOptions = {}): Promise<FetchedDataset> {
  if (!publishedNames.includes(name)) {
    throw new DataError('OPTION', `fetch: name: expected one of ${publishedNames.join(', ')}, got "${name}"`);
  }
  return fetchPublished(PUBLISHED[name], options, PATIENCE);
}

/** As {@link fetchDataset}, of any data set. */
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
    const tell = (received: number): void =>
      onProgress?.({ file: file.name, received: start + received, bytes });
    const path = join(folder, file.name);
    const request = { file, path, mirrors, signal, onProgress: tell, patience };
    const from = (await isThere(path, file)) ? undefined : await download(request);
    before += file.bytes;
    tell(file.bytes);
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

/** Whether the right file is there. @throws DataError `FETCH_EXISTS` for another one, also under another of the names that are read */
async function isThere(path: string, file: RemoteFile): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() && info.size === file.bytes && (await digestOf(path)) === file.sha256) return true;
  const folder = join(path, '..');
  const other = info ? path : await findIdx(folder, file.name.replace(/\.gz$/, ''));
  if (other === undefined) return false;
  throw new DataError(
    'FETCH_EXISTS',
    `"${other}" is there, and is not the published file: move it away, or name another folder: --to FOLDER`,
  );
}

/** Whether a folder has a data set under any of the names that are read, packed or not. */
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
    return false; // Damaged: which file it is, is said where it would be fetched.
  }
}

/** @throws DataError `OPTION` */
function mirrorUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new DataError('OPTION', `--mirror: expected a URL, as https://host/folder/, got "${text}"`);
  }
  return text.endsWith('/') ? text : `${text}/`;
}

/** @throws DataError `OPTION` for a user without a home */
function folderOf(name: PublishedName): string {
  const named = name === 'fashion-mnist' ? process.env['ISONET_DATA'] : undefined;
  const folder = named ? named : cacheFolderOf(name);
  if (folder !== undefined) return folder;
  throw new DataError(
    'OPTION',
    `fetch ${name}: there is no home folder to keep it in: name a folder, --to FOLDER`,
  );
}
