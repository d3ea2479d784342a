// Tests loading CIFAR-10 and CIFAR-100 from files of a few records each, written according to the specification at
// https://www.cs.toronto.edu/~kriz/cifar.html.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CIFAR100_CLASSES,
  CIFAR100_GROUPS,
  CIFAR10_CLASSES,
  encodeIdx,
  loadCifar10,
  loadCifar100,
  loadDataFolder,
} from '@isonet/data';
import { describe, expect, it } from 'vitest';
import { dataError, tempFolder } from './helpers.ts';

/**
 * Builds a record: its labels, then 1024 bytes of each colour: `shade` for red, `shade + 1` for green, `shade + 2` for
 * blue.
 */
function record(labels: readonly number[], shade: number): number[] {
  return [...labels, ...[0, 1, 2].flatMap((c) => Array<number>(1024).fill(shade + c))];
}

const bytes = (...records: readonly number[][]): Uint8Array => Uint8Array.from(records.flat());

async function cifar10(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const k of [1, 2, 3, 4, 5]) {
    await writeFile(join(folder, `data_batch_${k}.bin`), bytes(record([k], 10 * k), record([9], 100)));
  }
  await writeFile(join(folder, 'test_batch.bin'), bytes(record([0], 7)));
  return folder;
}

async function cifar100(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'train.bin'), bytes(record([19, 99], 3), record([4, 0], 4)));
  await writeFile(join(folder, 'test.bin'), bytes(record([1, 72], 5)));
  return folder;
}

describe('CIFAR-10', () => {
  it('is read in the order of its files, with unchanged planes', async () => {
    const folder = await cifar10(await tempFolder());
    const { train, test, source } = await loadDataFolder(folder, 10);
    expect([train.length, test.length, train.imageShape]).toEqual([10, 1, [3, 32, 32]]);
    expect(Array.from(train.labels)).toEqual([1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
    expect([0, 1023, 1024, 3071].map((i) => train.pixels([2])[i])).toEqual([20, 20, 21, 22]);
    expect(train.classes).toBe(CIFAR10_CLASSES);
    expect(source.text).toBe(`data: CIFAR-10, 10 training and 1 test image from ${folder}`);
  });

  it('reads the class names in batches.meta.txt', async () => {
    const folder = await cifar10(await tempFolder());
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    await writeFile(join(folder, 'batches.meta.txt'), `${names.join('\n')}\n\n`);
    expect((await loadCifar10(folder)).test.classes).toEqual(names);
    await writeFile(join(folder, 'batches.meta.txt'), 'a\nb\n');
    expect(await dataError(() => loadCifar10(folder))).toMatch(
      /^CLASS_NAMES: .*expected 10, one per line, got 2; remove the file/,
    );
  });

  it('is found in the subfolder that its archive unpacks to', async () => {
    const folder = await tempFolder();
    await cifar10(join(folder, 'cifar-10-batches-bin'));
    expect((await loadDataFolder(folder, 10)).train.length).toBe(10);
    await cifar100(join(folder, 'cifar-100-binary'));
    expect(await dataError(() => loadDataFolder(folder, 10))).toMatch(
      /^DATA_KIND: .*expected one dataset, got CIFAR-10 and CIFAR-100; choose a folder that has only one of them$/,
    );
  });

  it('names missing, truncated and invalid files', async () => {
    const folder = await cifar10(await tempFolder());
    const third = join(folder, 'data_batch_3.bin');
    await writeFile(third, bytes(record([1], 0), [5]));
    expect(await dataError(() => loadCifar10(folder))).toBe(
      `CIFAR_SIZE: cifar "${third}": expected one or more records of 3073 bytes, got 3074 bytes; fetch the file again`,
    );
    await writeFile(third, bytes(record([1], 0), record([10], 0)));
    expect(await dataError(() => loadCifar10(folder))).toMatch(
      /^CIFAR_LABEL: .*data_batch_3\.bin": record 1: expected a label from 0 to 9, got 10/,
    );
    await writeFile(third, '');
    expect(await dataError(() => loadCifar10(folder))).toMatch(/^CIFAR_SIZE: .*got 0 bytes/);
    await rm(third);
    expect(await dataError(() => loadDataFolder(folder, 10))).toMatch(
      /^DATA_MISSING: CIFAR-10 in .*but data_batch_3\.bin is missing; .*npx isonet data fetch cifar10$/,
    );
  });
});

describe('CIFAR-100', () => {
  it('has 100 classes, or 20 if 20 are requested', async () => {
    const folder = await cifar100(await tempFolder());
    const fine = await loadDataFolder(folder, 100);
    expect([Array.from(fine.train.labels), fine.train.classes]).toEqual([[99, 0], CIFAR100_CLASSES]);
    expect(fine.train.pixels([1]).subarray(1023, 1025)).toEqual(Uint8Array.of(4, 5));
    const coarse = await loadDataFolder(folder, 20);
    expect([Array.from(coarse.train.labels), coarse.train.classes]).toEqual([[19, 4], CIFAR100_GROUPS]);
    expect(coarse.source.text).toContain('CIFAR-100 with its 20 groups, 2 training and 1 test image');
    expect((await loadCifar100(folder)).test.labels[0]).toBe(72);
  });

  it('has one unique name per class', () => {
    expect([new Set(CIFAR100_CLASSES).size, new Set(CIFAR100_GROUPS).size]).toEqual([100, 20]);
    // Label 72 is a seal, an aquatic mammal, in every list of the dataset.
    expect([CIFAR100_CLASSES[72], CIFAR100_CLASSES[99], CIFAR100_GROUPS[19]]).toEqual([
      'seal',
      'worm',
      'vehicles_2',
    ]);
  });
});

describe('loadDataFolder', () => {
  it('reports what it found, and suggests a fix', async () => {
    const folder = await tempFolder();
    expect(await dataError(() => loadDataFolder(join(folder, 'no'), 10))).toMatch(
      /^DATA_MISSING: data in ".*no": no such folder; check the path, or choose another folder$/,
    );
    expect(await dataError(() => loadDataFolder(folder, 10))).toMatch(
      /^DATA_MISSING: .*expected train-images-idx3-ubyte .*, or .*; got nothing; add one of them/,
    );
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'cifar.tar.gz'])
      await writeFile(join(folder, name), '');
    expect(await dataError(() => loadDataFolder(folder, 10))).toMatch(
      /; got a\.txt, b\.txt, c\.txt, cifar\.tar\.gz and 1 more; unpack cifar\.tar\.gz$/,
    );
    await writeFile(join(folder, 'data_batch_1'), '');
    expect(await dataError(() => loadDataFolder(folder, 10))).toMatch(
      /; the Python version of CIFAR is not supported: /,
    );
    await writeFile(join(folder, 'file'), '');
    expect(await dataError(() => loadDataFolder(join(folder, 'file'), 10))).toMatch(
      /expected a folder, got a file/,
    );
  });

  it('rejects a folder with two datasets', async () => {
    const folder = await cifar10(await tempFolder());
    await writeFile(join(folder, 'train-images-idx3-ubyte'), encodeIdx([1, 2, 2], new Uint8Array(4)));
    expect(await dataError(() => loadDataFolder(folder, 10))).toBe(
      `DATA_KIND: data in "${folder}": expected one dataset, got IDX and CIFAR-10; choose a folder that has only one of them`,
    );
  });
});
