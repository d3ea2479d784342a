// Loads CIFAR-10 and CIFAR-100 from a folder with the files of their binary archives.
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import { readNames } from '../classNames.ts';
import { createDataset, type ImageDataset } from '../dataset.ts';
import { countsText, type LoadedData } from '../loaded.ts';
import { fileExists, readBoundedFile } from '../readFile.ts';
import { CIFAR100_CLASSES, CIFAR100_GROUPS, CIFAR10_CLASSES } from './names.ts';
import { CIFAR_IMAGE_SHAPE, parseCifar, recordBytes, type RecordForm } from './parse.ts';

/** Options of {@link loadCifar100}. */
export interface Cifar100Options {
  /** The labels to use: `fine` for the 100 classes, `coarse` for their 20 groups. Default: `fine`. */
  readonly labels?: 'fine' | 'coarse';
}

/** The contents of a binary archive. */
export interface CifarFiles {
  readonly title: string;
  /** The folder inside the archive. */
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
}

export const CIFAR10_FILES: CifarFiles = {
  title: 'CIFAR-10',
  folder: 'cifar-10-batches-bin',
  train: [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`),
  test: ['test_batch.bin'],
};

export const CIFAR100_FILES: CifarFiles = {
  title: 'CIFAR-100',
  folder: 'cifar-100-binary',
  train: ['train.bin'],
  test: ['test.bin'],
};

/** The maximum number of records in a file: all training records. */
const MAX_RECORDS = 50_000;

/** The layout of the labels in the records of a folder, and the names of the classes. */
interface Labelling extends RecordForm {
  readonly namesFile: string;
  /** The class names to use if the folder has no `namesFile`. */
  readonly names: readonly string[];
}

/**
 * Loads CIFAR-10 from a folder with `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`. Reads the class names
 * from `batches.meta.txt` if it exists.
 * @throws DataError `DATA_MISSING` naming the missing files; `FILE_UNREADABLE`; `CIFAR_SIZE`, `CIFAR_LABEL`, `CLASS_NAMES`
 *   if a file is damaged
 */
export function loadCifar10(folder: string): Promise<LoadedData> {
  return load(folder, CIFAR10_FILES, {
    labels: 1,
    label: 0,
    classes: 10,
    namesFile: 'batches.meta.txt',
    names: CIFAR10_CLASSES,
  });
}

/**
 * Loads CIFAR-100 from a folder with `train.bin` and `test.bin`. Reads the class names from `fine_label_names.txt` or
 * `coarse_label_names.txt` if they exist.
 * @throws DataError as {@link loadCifar10}
 */
export function loadCifar100(folder: string, { labels = 'fine' }: Cifar100Options = {}): Promise<LoadedData> {
  const common = { labels: 2, namesFile: `${labels}_label_names.txt` } as const;
  return load(
    folder,
    CIFAR100_FILES,
    labels === 'fine'
      ? { ...common, label: 1, classes: 100, names: CIFAR100_CLASSES }
      : { ...common, label: 0, classes: 20, names: CIFAR100_GROUPS },
  );
}

async function load(folder: string, files: CifarFiles, labelling: Labelling): Promise<LoadedData> {
  await checkFiles(folder, files);
  const classes = await classNames(folder, labelling);
  const dataset = async (part: 'train' | 'test'): Promise<ImageDataset> => {
    const most = recordBytes(labelling, MAX_RECORDS);
    const parts: { readonly bytes: Uint8Array; readonly path: string }[] = [];
    for (const name of files[part]) {
      const path = join(folder, name);
      parts.push({ bytes: await readBoundedFile('cifar', path, most), path });
    }
    const records = parseCifar(parts, labelling);
    return createDataset({
      name: `${files.title.toLowerCase()}/${part}`,
      imageShape: CIFAR_IMAGE_SHAPE,
      classes,
      ...records,
    });
  };
  const data = { train: await dataset('train'), test: await dataset('test') };
  const groups = classes.length === 20 ? ' with its 20 groups' : '';
  const text = `data: ${files.title}${groups}, ${countsText(data, ' and ')} from ${folder}`;
  return { ...data, source: { kind: 'folder', path: folder, text } };
}

/** @throws DataError `DATA_MISSING` */
async function checkFiles(folder: string, { title, train, test }: CifarFiles): Promise<void> {
  const missing: string[] = [];
  for (const name of [...train, ...test]) if (!(await fileExists(join(folder, name)))) missing.push(name);
  if (missing.length === 0) return;
  throw new DataError(
    'DATA_MISSING',
    `${title} in "${folder}": expected the files ${[...train, ...test].join(', ')} of the binary version, but ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; add them, or fetch them: npx isonet data fetch ${title.toLowerCase().replace('-', '')}`,
  );
}

async function classNames(
  folder: string,
  { namesFile, names, classes }: Labelling,
): Promise<readonly string[]> {
  const file = join(folder, namesFile);
  if (!(await fileExists(file))) return names;
  const read = await readNames(file);
  if (read.length === classes) return read;
  throw new DataError(
    'CLASS_NAMES',
    `class names "${file}": expected ${classes}, one per line, got ${read.length}; remove the file to use the published names`,
  );
}
