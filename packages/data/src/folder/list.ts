// Finds the image files of a folder: `CLASS/name.jpg`, the same inside `train/`, `test/` and `val/`, or the files in a
// manifest.
import { realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { DataError } from '@isonet/core';
import { fileExists } from '../readFile.ts';
import { type FoundPicture, type Listing, listingOf, type Part, partOf } from './listing.ts';
import { listManifest } from './manifest.ts';
import { counted, entriesOf, type Entry, isPicture, IgnoredFiles, picturesBelow } from './walk.ts';

/** The default name of a manifest. */
export const MANIFEST = 'labels.csv';

/**
 * Lists the image files of a folder:
 * - by its manifest, `labels.csv` or a named one, with the columns `path`, `label` and, optionally, `split`
 * - or by its subfolders, one per class: `CLASS/name.jpg`, also nested: `CLASS/more/name.jpg`
 * - or by class folders inside `train`, `test`, `val` and `validation`
 * @param manifest the path of a CSV file
 * @throws DataError `DATA_MISSING` if the folder does not exist; `DATA_FOLDER` if it has no classes; `MANIFEST` for an
 *   invalid manifest; `FILE_UNREADABLE`
 */
export async function listImageFolder(folder: string, manifest?: string): Promise<Listing> {
  await checkFolder(folder);
  const own = join(folder, MANIFEST);
  if (manifest !== undefined) return listManifest(folder, manifest);
  if (await fileExists(own)) return listManifest(folder, own);
  const ignored = new IgnoredFiles();
  const entries = await entriesOf(folder, ignored);
  const folders = entries.filter(({ kind }) => kind === 'folder');
  if (folders.length === 0) throw noClasses(folder, entries);
  const parts = partFolders(folders);
  // A link back to the folder itself would add every image to another class.
  const above = [await realpath(folder)];
  const loose = entries.filter(({ kind, name }) => kind === 'file' && isPicture(name)).length;
  const found: FoundPicture[] = [];
  const empty: string[] = [];
  const list = async (classFolder: Entry, part?: Part): Promise<void> => {
    const files = await picturesBelow(classFolder.path, ignored, above);
    const className = classFolder.name.normalize();
    if (files.length === 0) empty.push(className);
    for (const file of files) {
      found.push({ file, path: pathIn(folder, file), className, ...(part === undefined ? {} : { part }) });
    }
  };
  if (parts === undefined) {
    for (const classFolder of folders) await list(classFolder);
  } else {
    for (const { part, entry } of parts) {
      const inside = await entriesOf(entry.path, ignored);
      const classFolders = inside.filter(({ kind }) => kind === 'folder');
      if (classFolders.length === 0) throw noClasses(entry.path, inside);
      for (const classFolder of classFolders) await list(classFolder, part);
    }
  }
  const notes = [
    ...(loose === 0
      ? []
      : [`ignored: ${counted(loose, 'image')} directly in ${folder}, outside any class folder`]),
    ...ignored.notes(),
  ];
  return listingOf(folder, found, empty, notes);
}

/** Returns a file's path relative to a folder, the same on every machine. */
function pathIn(folder: string, file: string): string {
  return relative(folder, file).split(sep).join('/').normalize();
}

/** @throws DataError `DATA_MISSING` */
async function checkFolder(folder: string): Promise<void> {
  const info = await stat(folder).catch(() => undefined);
  if (info?.isDirectory()) return;
  const problem =
    info === undefined
      ? 'no such folder; check the path'
      : 'expected a folder, got a file; pass the folder that contains it';
  throw new DataError('DATA_MISSING', `images in "${folder}": ${problem}`);
}

/**
 * Returns the folders as parts if each has the name of a part and one is for training. Otherwise, the folders are classes,
 * and it returns undefined.
 */
function partFolders(
  folders: readonly Entry[],
): readonly { readonly part: Part; readonly entry: Entry }[] | undefined {
  const parts = folders.flatMap((entry) => {
    const part = partOf(entry.name);
    return part === undefined ? [] : [{ part, entry }];
  });
  if (parts.length < folders.length || !parts.some(({ part }) => part === 'train')) return undefined;
  return parts;
}

function noClasses(folder: string, entries: readonly Entry[]): DataError {
  const pictures = entries.filter(({ kind, name }) => kind === 'file' && isPicture(name)).length;
  const got =
    pictures > 0
      ? `got ${counted(pictures, 'image')} outside any class folder`
      : entries.length > 0
        ? 'got other files'
        : 'got an empty folder';
  return new DataError(
    'DATA_FOLDER',
    `images in "${folder}": expected one folder of images per class, ${got}; ` +
      `create a folder for each class, or list the files in ${MANIFEST} (path,label)`,
  );
}
