// Finds the files below a folder, including subfolders. Follows symbolic links, detects loops, and ignores hidden files.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { codeOf, DataError, messageOf } from '@isonet/core';
import { HEIC_FIX } from '../picture/heic.ts';

/** The extensions of image files. */
const EXTENSIONS: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif'];

/** The extensions of HEIC images, which phones produce. */
const HEIC: readonly string[] = ['.heic', '.heif'];

/** The maximum depth of folders. A deeper tree is a mistake or an attack. */
const MAX_DEPTH = 32;
const MAX_FILES = 4_000_000;

/** A file or folder, with links resolved. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

/** Counts the files that a walk ignores. */
export class IgnoredFiles {
  hidden = 0;
  /** The number of other files by extension, in lower case. */
  readonly others: Map<string, number> = new Map();
  readonly links: string[] = [];
  heic = 0;
  pictures = 0;

  /** Returns notes on the ignored files, one line each. */
  notes(): readonly string[] {
    const others = [...this.others].toSorted(([, a], [, b]) => b - a);
    const total = others.reduce((sum, [, count]) => sum + count, 0);
    const most = others
      .slice(0, 5)
      .map(([extension, count]) => `${count.toLocaleString('en-US')} ${extension}`);
    const list = [...most, ...(others.length > 5 ? ['...'] : [])].join(', ');
    const [link] = this.links;
    const all = [
      ...(this.heic === 0 ? [] : [`${counted(this.heic, 'image')} in HEIC, which ${HEIC_FIX}`]),
      ...(total === 0
        ? []
        : [
            `${counted(total, 'file')} without an image extension (${list}); supported: ${EXTENSIONS.join(', ')}`,
          ]),
      ...(this.hidden === 0 ? [] : [counted(this.hidden, 'hidden file')]),
      ...(link === undefined
        ? []
        : [`${counted(this.links.length, 'symbolic link')}, broken or circular: ${link}`]),
    ];
    return all.map((text) => `ignored: ${text}`);
  }
}

/**
 * Returns the visible entries of a folder.
 * @throws DataError `FILE_UNREADABLE` if it cannot be read
 */
export async function entriesOf(folder: string, ignored: IgnoredFiles): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const entry of await read(folder)) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || isSystemFile(entry.name)) {
      ignored.hidden++;
      continue;
    }
    const kind = entry.isSymbolicLink() ? await kindBehind(path) : kindOf(entry);
    if (kind !== undefined) entries.push({ name: entry.name, path, kind });
    else if (entry.isSymbolicLink()) ignored.links.push(path);
  }
  return entries;
}

/**
 * Returns the image files below a folder.
 * @throws DataError as {@link entriesOf}, and `DATA_FOLDER` if there are too many files or the folders are nested too
 *   deeply
 */
export async function picturesBelow(
  folder: string,
  ignored: IgnoredFiles,
  above: readonly string[] = [],
): Promise<readonly string[]> {
  const own = await realpath(folder);
  if (above.includes(own)) {
    ignored.links.push(folder);
    return [];
  }
  if (above.length >= MAX_DEPTH) {
    throw new DataError(
      'DATA_FOLDER',
      `images in "${folder}": folders are nested more than ${MAX_DEPTH} levels deep; move the images up`,
    );
  }
  const found: string[] = [];
  for (const { name, path, kind } of await entriesOf(folder, ignored)) {
    if (kind === 'folder') {
      for (const file of await picturesBelow(path, ignored, [...above, own])) found.push(file);
    } else if (isPicture(name)) {
      if (++ignored.pictures > MAX_FILES) {
        throw new DataError('DATA_FOLDER', `images in "${folder}": expected at most ${MAX_FILES} files`);
      }
      found.push(path);
    } else {
      const extension = extname(name).toLowerCase() || 'without an extension';
      if (HEIC.includes(extension)) ignored.heic++;
      else ignored.others.set(extension, 1 + (ignored.others.get(extension) ?? 0));
    }
  }
  return found;
}

/** Returns whether a file name has the extension of an image. */
export function isPicture(name: string): boolean {
  return EXTENSIONS.includes(extname(name).toLowerCase());
}

/** Formats a count with its noun: `1 file`, `3 files`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

async function read(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new DataError('FILE_UNREADABLE', `folder "${folder}": cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function kindBehind(path: string): Promise<Entry['kind'] | undefined> {
  try {
    return kindOf(await stat(path));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return undefined;
    throw new DataError('FILE_UNREADABLE', `link "${path}": cannot be followed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Returns the kind of an entry; undefined for pipes, sockets and devices. */
function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory'>): Entry['kind'] | undefined {
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : undefined;
}

/** Returns whether a file is one that Windows hides. */
function isSystemFile(name: string): boolean {
  return ['thumbs.db', 'desktop.ini'].includes(name.toLowerCase());
}
