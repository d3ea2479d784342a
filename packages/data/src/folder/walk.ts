// The files below a folder: in subfolders too, through symbolic links, each loop entered once; hidden ones are ignored.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { codeOf, DataError, messageOf } from '@isonet/core';
import { HEIC_FIX } from '../picture/heic.ts';

/** The endings of pictures. */
const EXTENSIONS: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif'];

/** The endings of pictures in HEIC, as phones take them. */
const HEIC: readonly string[] = ['.heic', '.heif'];

/** A deeper tree is a mistake or an attack. */
const MAX_DEPTH = 32;
const MAX_FILES = 4_000_000;

/** A file or folder, after links were followed. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

/** Counts the files that a walk ignores. */
export class PassedOver {
  hidden = 0;
  /** By their ending, in lower case. */
  readonly others: Map<string, number> = new Map();
  readonly links: string[] = [];
  heic = 0;
  pictures = 0;

  /** A line each, for people. */
  notes(): readonly string[] {
    const others = [...this.others].toSorted(([, a], [, b]) => b - a);
    const total = others.reduce((sum, [, count]) => sum + count, 0);
    const most = others.slice(0, 5).map(([ending, count]) => `${count.toLocaleString('en-US')} ${ending}`);
    const list = [...most, ...(others.length > 5 ? ['...'] : [])].join(', ');
    const [link] = this.links;
    const all = [
      ...(this.heic === 0 ? [] : [`${counted(this.heic, 'picture')} in HEIC, which ${HEIC_FIX}`]),
      ...(total === 0
        ? []
        : [
            `${counted(total, 'file')} without the extension of a picture (${list}); supported: ${EXTENSIONS.join(', ')}`,
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
 * The visible entries of a folder.
 * @throws DataError `FILE_UNREADABLE` when it cannot be read
 */
export async function entriesOf(folder: string, passed: PassedOver): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const entry of await read(folder)) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || isSystemFile(entry.name)) {
      passed.hidden++;
      continue;
    }
    const kind = entry.isSymbolicLink() ? await kindBehind(path) : kindOf(entry);
    if (kind !== undefined) entries.push({ name: entry.name, path, kind });
    else if (entry.isSymbolicLink()) passed.links.push(path);
  }
  return entries;
}

/** The picture files below a folder. @throws DataError as {@link entriesOf}, and `DATA_FOLDER` for too many or too deep ones */
export async function picturesBelow(
  folder: string,
  passed: PassedOver,
  above: readonly string[] = [],
): Promise<readonly string[]> {
  const own = await realpath(folder);
  if (above.includes(own)) {
    passed.links.push(folder);
    return [];
  }
  if (above.length >= MAX_DEPTH) {
    throw new DataError(
      'DATA_FOLDER',
      `pictures in "${folder}": folders are more than ${MAX_DEPTH} deep; move the pictures up`,
    );
  }
  const found: string[] = [];
  for (const { name, path, kind } of await entriesOf(folder, passed)) {
    if (kind === 'folder') {
      for (const file of await picturesBelow(path, passed, [...above, own])) found.push(file);
    } else if (isPicture(name)) {
      if (++passed.pictures > MAX_FILES) {
        throw new DataError('DATA_FOLDER', `pictures in "${folder}": expected at most ${MAX_FILES} files`);
      }
      found.push(path);
    } else {
      const ending = extname(name).toLowerCase() || 'without an ending';
      if (HEIC.includes(ending)) passed.heic++;
      else passed.others.set(ending, 1 + (passed.others.get(ending) ?? 0));
    }
  }
  return found;
}

/** Whether a file is a picture by its name. */
export function isPicture(name: string): boolean {
  return EXTENSIONS.includes(extname(name).toLowerCase());
}

/** `1 file`, `3 files`. */
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

/** Pipes, sockets and devices are neither. */
function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory'>): Entry['kind'] | undefined {
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : undefined;
}

/** What Windows hides. */
function isSystemFile(name: string): boolean {
  return ['thumbs.db', 'desktop.ini'].includes(name.toLowerCase());
}
