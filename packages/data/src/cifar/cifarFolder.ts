// CIFAR-10 and CIFAR-100 from a folder with the files of their binary archives.
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import { readNames } from '../classNames.ts';
import { createDataset, type ImageDataset } from '../dataset.ts';
import { countsText, type LoadedData } from '../loaded.ts';
import { fileExists, readBoundedFile } from '../readFile.ts';
import { CIFAR100_CLASSES, CIFAR100_GROUPS, CIFAR10_CLASSES } from './names.ts';
import { CIFAR_IMAGE_SHAPE, parseCifar, recordBytes, type RecordForm } from './parse.ts';

/** Which labels of CIFAR-100: 100 classes, or the 20 groups that they form. */
export interface Cifar100Options {
  /** Default: `fine`. */
  readonly labels?: 'fine' | 'coarse';
}

/** What a binary archive unpacks to. */
export interface CifarFiles {
  readonly title: string;
  /** The folder that the archive has them in. */
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

/** All training records in one file: what a file holds at most. */
const MAX_RECORDS = 50_000;

/** How the labels of a folder are read, and where their names are. */
interface Labelling extends RecordForm {
  readonly namesFile: string;
  /** Where the folder has no such file. */
  readonly names: readonly string[];
}

/**
 * CIFAR-10 from a folder with `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`; class names from `batches.meta.txt`
 * where it is there.
 * @throws DataError `DATA_MISSING` naming the files that are not there; `FILE_UNREADABLE`; `CIFAR_SIZE`, `CIFAR_LABEL`, `CLASS_NAMES`
 *   when one is damaged
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
 * CIFAR-100 from a folder with `train.bin` and `test.bin`; class names from `fine_label_names.txt` or `coarse_label_names.txt` where
 * they are there.
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
  const groups = classes.length === 20 ? ' by its 20 groups' : '';
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
    `${title} in "${folder}": expected the files ${[...train, ...test].join(', ')} of its binary form, got none for ${missing.join(', ')}; put them there, or fetch them: npx isonet data fetch ${title.toLowerCase().replace('-', '')}`,
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
    `class names "${file}": expected ${classes}, one a line, got ${read.length}; remove it to take the published names`,
  );
}
