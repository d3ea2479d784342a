// Tests loading the user's own images from four IDX files, which determine the shape and the classes.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeIdx, FASHION_MNIST_CLASSES, idxFilesText, loadIdxFolder } from '@isonet/data';
import { describe, expect, it } from 'vitest';
import { dataError, tempFolder } from './helpers.ts';

/**
 * Writes four files of zeros: 4 training and 2 test images of a shape, `[height, width]` or `[channels, height, width]`.
 */
async function folderOf(
  shape: readonly number[],
  labels: readonly number[],
  testShape: readonly number[] = shape,
): Promise<string> {
  const folder = await tempFolder();
  for (const [part, n, own] of [
    ['train', 4, shape],
    ['t10k', 2, testShape],
  ] as const) {
    const bytes = new Uint8Array(n * own.reduce((product, dim) => product * dim, 1));
    await writeFile(join(folder, `${part}-images-idx${own.length + 1}-ubyte`), encodeIdx([n, ...own], bytes));
    const file = encodeIdx([n], Uint8Array.from(labels.slice(0, n)));
    await writeFile(join(folder, `${part}-labels-idx1-ubyte`), file);
  }
  return folder;
}

describe('loadIdxFolder', () => {
  it('reads grey images, and counts the classes', async () => {
    const folder = await folderOf([5, 6], [0, 1, 2, 4]);
    const { train, test, source } = await loadIdxFolder(folder, 10);
    expect([train.imageShape, train.length, test.length]).toEqual([[1, 5, 6], 4, 2]);
    expect(train.classes).toEqual(['0', '1', '2', '3', '4']);
    expect(test.classes).toEqual(train.classes);
    expect(source).toEqual({
      kind: 'folder',
      path: folder,
      text: `data: 4 training and 2 test images [1, 5, 6] of 5 classes from ${folder}`,
    });
  });

  it('reads images in colour', async () => {
    const { train } = await loadIdxFolder(await folderOf([3, 8, 8], [0, 1, 0, 1]), 2);
    expect(train.imageShape).toEqual([3, 8, 8]);
  });

  it('names the classes of 28x28 grey images 0 to 9 unless the files are Fashion-MNIST', async () => {
    const folder = await folderOf([28, 28], [0, 1, 2, 2]);
    const { train, source } = await loadIdxFolder(folder, 10);
    expect(train.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(source.text).toBe(`data: 4 training and 2 test images [1, 28, 28] of 10 classes from ${folder}`);
    expect((await loadIdxFolder(folder, 3)).train.classes).toEqual(['0', '1', '2']);
  });

  it('reads the class names in classes.txt or labels.txt', async () => {
    const folder = await folderOf([5, 6], [0, 1, 2, 2]);
    await writeFile(join(folder, 'labels.txt'), 'ant\nbee\ncat\n');
    expect((await loadIdxFolder(folder, 3)).train.classes).toEqual(['ant', 'bee', 'cat']);
    await writeFile(join(folder, 'classes.txt'), '\uFEFFant\r\nbee\r\ncat\r\nStra\u00DFe\r\n\r\n');
    const { test, highestLabel } = await loadIdxFolder(folder, 3);
    expect(test.classes).toEqual(['ant', 'bee', 'cat', 'Stra\u00DFe']);
    expect(highestLabel).toBeUndefined();
    await writeFile(join(folder, 'classes.txt'), FASHION_MNIST_CLASSES.join('\n'));
    expect((await loadIdxFolder(folder, 3)).train.classes).toBe(FASHION_MNIST_CLASSES);
  });

  it.each([
    [
      'a label without a name',
      'ant\nbee',
      /^DATASET: .*train-labels-idx1-ubyte": label 2: expected a label from 0 to 1, .*classes\.txt", got 2/,
    ],
    ['an empty line', 'ant\n\ncat', /^CLASS_NAMES: .*line 2: expected the name of class 1, got nothing$/],
    ['a duplicate name', 'ant\nbee\nant', /^CLASS_NAMES: .*lines 1 and 3: expected different names/],
    ['no name', '\n', /^CLASS_NAMES: .*line 1: /],
    [
      'a long name',
      `ant\n${'x'.repeat(257)}\ncat`,
      /^CLASS_NAMES: .*line 2: expected a name of at most 256 characters, got 257$/,
    ],
    ['too many names', 'a\n'.repeat(65_540), /^CLASS_NAMES: .*expected at most 65536 names/],
    ['another encoding', Uint8Array.of(0xff, 0xfe, 0x61), /^CLASS_NAMES: .*expected UTF-8/],
  ])('rejects a file of names with %s', async (_, content, message) => {
    const folder = await folderOf([5, 6], [0, 1, 2, 2]);
    await writeFile(join(folder, 'classes.txt'), content);
    expect(await dataError(() => loadIdxFolder(folder, 3))).toMatch(message);
  });

  it.each(['', '.gz'])(
    'accepts the file names of the original archives, with extension "%s"',
    async (ending) => {
      const folder = await folderOf([5, 6], [0, 1, 2, 4]);
      for (const name of await readdir(folder)) {
        const bytes = await readFile(join(folder, name));
        await writeFile(
          join(folder, name.replace('-idx', '.idx') + ending),
          ending ? gzipSync(bytes) : bytes,
        );
        await rm(join(folder, name));
      }
      expect((await loadIdxFolder(folder, 5)).train.length).toBe(4);
    },
  );

  it('rejects a label above 65,535 before it creates a name for each class', async () => {
    const folder = await folderOf([5, 6], [0, 1, 2, 4]);
    const file = join(folder, 't10k-labels-idx1-ubyte');
    // Two int32 labels, 0 and 2,147,483,646.
    await writeFile(file, Uint8Array.of(0, 0, 0x0c, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xfe));
    expect(await dataError(() => loadIdxFolder(folder, 5))).toBe(
      `DATASET: idx "${file}": label 1: expected a label from 0 to 65535, got 2147483646; number the classes from 0 without gaps`,
    );
    await writeFile(file, Uint8Array.of(0, 0, 0x0c, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0xff, 0xff));
    expect((await loadIdxFolder(folder, 5)).train.classes).toHaveLength(65_536);
  });

  it('reports a path that does not exist, or is a file', async () => {
    const folder = await tempFolder();
    const [none, file] = [join(folder, 'none'), join(folder, 'file')];
    await writeFile(file, '');
    expect(await dataError(() => loadIdxFolder(none, 5))).toBe(
      `DATA_MISSING: data in "${none}": no such folder; check the path, or choose another folder`,
    );
    expect(await dataError(() => loadIdxFolder(file, 5))).toBe(
      `DATA_MISSING: data in "${file}": expected a folder, got a file; pass the folder that contains it, or choose another folder`,
    );
  });

  it('suggests how to rename files with similar names', async () => {
    const folder = await tempFolder();
    for (const name of [
      'train-images.idx4',
      'Train-Labels-IDX1-ubyte.GZ',
      'test-images-idx3-ubyte.zip',
      't10k-labels.idx',
      'train-notes.txt',
    ]) {
      await writeFile(join(folder, name), '');
    }
    expect((await dataError(() => loadIdxFolder(folder, 5))).split('; ').slice(1).join('; ')).toBe(
      'rename Train-Labels-IDX1-ubyte.GZ to train-labels-idx1-ubyte.gz, rename t10k-labels.idx to t10k-labels-idx1-ubyte, ' +
        'unpack test-images-idx3-ubyte.zip, rename train-images.idx4 to train-images-idx4-ubyte, or choose another folder',
    );
  });

  it('reports the position of the highest label, which determines the number of classes', async () => {
    const folder = await folderOf([28, 28], [0, 1, 10, 10]);
    const { train, highestLabel } = await loadIdxFolder(folder, 10);
    expect(train.classes).toHaveLength(11);
    expect(highestLabel).toEqual({ label: 10, index: 2, file: join(folder, 'train-labels-idx1-ubyte') });
  });

  it('names missing files, and files that do not belong together', async () => {
    const folder = await folderOf([5, 6], [0, 1, 2, 4]);
    await rm(join(folder, 't10k-labels-idx1-ubyte'));
    expect(await dataError(() => loadIdxFolder(folder, 5))).toBe(
      `DATA_MISSING: data in "${folder}": expected the four files train-images-idx3-ubyte, train-labels-idx1-ubyte, ` +
        't10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each plain or .gz (colour images: idx4), but t10k-labels-idx1-ubyte is missing; ' +
        'add them, or choose another folder',
    );
    const odd = await folderOf([5, 6], [0, 1, 2, 4], [5, 7]);
    expect(await dataError(() => loadIdxFolder(odd, 5))).toBe(
      `DATASET: data in "${odd}": expected test images [1, 5, 6], like the training images, got [1, 5, 7]`,
    );
  });
});

it('idxFilesText describes the files', () => {
  expect(idxFilesText(1, 10)).toBe(
    'train-images-idx3-ubyte (bytes [N, H, W]), train-labels-idx1-ubyte (0 .. 9), t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte',
  );
  expect(idxFilesText(3, 100)).toContain('train-images-idx4-ubyte (bytes [N, 3, H, W])');
});
