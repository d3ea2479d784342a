// Tests which places are searched for Fashion-MNIST, and in which order, and that an incomplete dataset is always an
// error.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeIdx, type FashionMnistOptions, loadFashionMnist } from '@isonet/data';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { dataError, tempFolder } from './helpers.ts';

const FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;

/** Encodes n images of one shade. */
function imagesFile(n: number, shade: number): Uint8Array {
  return encodeIdx([n, 28, 28], new Uint8Array(n * 784).fill(shade));
}

/** Encodes the labels 0, 1, 2, ... */
function labelsFile(n: number): Uint8Array {
  return encodeIdx(
    [n],
    Uint8Array.from({ length: n }, (_, i) => i),
  );
}

/** Writes four small files: `trainLength` training images and two test images, all of byte 9. */
async function writeFour(folder: string, { trainLength = 3, gzip = false } = {}): Promise<void> {
  await mkdir(folder, { recursive: true });
  const contents = [imagesFile(trainLength, 9), labelsFile(trainLength), imagesFile(2, 9), labelsFile(2)];
  for (const [i, name] of FILES.entries()) {
    const content = contents[i] ?? new Uint8Array();
    await writeFile(join(folder, gzip ? `${name}.gz` : name), gzip ? gzipSync(content) : content);
  }
}

/** Returns options that restrict the search to `folder`, so that the machine's own data does not matter. */
function inside(folder: string): FashionMnistOptions {
  return { cacheFolder: join(folder, 'cache'), systemFolder: join(folder, 'system') };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the given folder', () => {
  test.each([false, true])('is read, with gzip: %s', async (gzip) => {
    const folder = await tempFolder();
    await writeFour(folder, { gzip });
    const { train, test: held, source } = await loadFashionMnist({ folder });
    expect([train.length, held.length, train.images[0], train.labels[2]]).toEqual([3, 2, 9, 2]);
    expect([train.name, held.name]).toEqual(['fashion-mnist/train', 'fashion-mnist/test']);
    expect(source).toEqual({
      kind: 'folder',
      path: folder,
      text: `data: Fashion-MNIST, 3 training and 2 test images from ${folder}`,
    });
  });

  test('may mix plain and gzip files', async () => {
    const folder = await tempFolder();
    await writeFour(folder);
    await writeFour(folder, { gzip: true });
    await rm(join(folder, FILES[0]));
    await rm(join(folder, `${FILES[1]}.gz`));
    expect((await loadFashionMnist({ folder })).train.length).toBe(3);
  });

  test('takes precedence over the cache and the system folder', async () => {
    const folder = await tempFolder();
    const options = { ...inside(folder), folder: join(folder, 'own') };
    await writeFour(options.folder, { trainLength: 4 });
    await writeFour(join(folder, 'cache'));
    expect((await loadFashionMnist(options)).train.length).toBe(4);
  });

  test('without the files is an error that names all four, even if the cache has them', async () => {
    const folder = await tempFolder();
    await writeFour(join(folder, 'cache'));
    await mkdir(join(folder, 'none'));
    expect(await dataError(() => loadFashionMnist({ ...inside(folder), folder: join(folder, 'none') }))).toBe(
      `DATA_MISSING: Fashion-MNIST in "${join(folder, 'none')}": expected the four files ${FILES.join(', ')}, ` +
        `each plain or .gz, but ${FILES.join(', ')} are missing; add them, or leave the folder out`,
    );
    expect(await dataError(() => loadFashionMnist({ folder: join(folder, 'no') }))).toBe(
      `DATA_MISSING: Fashion-MNIST in "${join(folder, 'no')}": no such folder; check the path, or leave the folder out`,
    );
  });

  test.each(FILES)('without %s is an error that names the file', async (name) => {
    const folder = await tempFolder();
    await writeFour(folder);
    await rm(join(folder, name));
    expect(await dataError(() => loadFashionMnist({ folder }))).toMatch(
      new RegExp(`^DATA_MISSING: .*, but ${name} is missing; add them`),
    );
  });
});

describe('without a folder', () => {
  test('the cache comes first, then the system folder, then the sample', async () => {
    const folder = await tempFolder();
    const options = inside(folder);
    await writeFour(join(folder, 'cache'), { trainLength: 4 });
    await writeFour(join(folder, 'system'), { trainLength: 5 });
    const fromCache = await loadFashionMnist(options);
    expect([fromCache.source.kind, fromCache.train.length]).toEqual(['cache', 4]);
    await rm(join(folder, 'cache'), { recursive: true });
    const fromSystem = await loadFashionMnist(options);
    expect([fromSystem.source.kind, fromSystem.train.length]).toEqual(['system', 5]);
    await rm(join(folder, 'system'), { recursive: true });
    const fromSample = await loadFashionMnist(options);
    expect([fromSample.source.kind, fromSample.train.length]).toEqual(['sample', 8000]);
  });

  test.each(['cache', 'system'])('an incomplete %s folder is an error and not skipped', async (name) => {
    const folder = await tempFolder();
    await writeFour(join(folder, name));
    await rm(join(folder, name, FILES[2]));
    expect(await dataError(() => loadFashionMnist(inside(folder)))).toMatch(
      new RegExp(`^DATA_MISSING: .*but ${FILES[2]} is missing; add them, or remove the others$`),
    );
  });

  test('the cache may use the file names of the original archives', async () => {
    const folder = await tempFolder();
    await writeFour(join(folder, 'cache'), { trainLength: 4 });
    for (const name of FILES) {
      await rename(join(folder, 'cache', name), join(folder, 'cache', name.replace('-idx', '.idx')));
    }
    const { source, train } = await loadFashionMnist(inside(folder));
    expect([source.kind, train.length]).toEqual(['cache', 4]);
  });

  test('files with similar names in the cache are an error and not skipped', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'cache'));
    await writeFile(join(folder, 'cache', 'train-images.idx3'), '');
    expect(await dataError(() => loadFashionMnist(inside(folder)))).toMatch(
      /^DATA_MISSING: .*; rename train-images\.idx3 to train-images-idx3-ubyte, or remove the others$/,
    );
  });

  test('an empty cache folder is skipped', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'cache'));
    expect((await loadFashionMnist(inside(folder))).source.kind).toBe('sample');
  });
});

describe('the default cache folder', () => {
  test('is the one in ISONET_DATA, before XDG_CACHE_HOME', async () => {
    const folder = await tempFolder();
    await writeFour(join(folder, 'named'), { trainLength: 4 });
    await writeFour(join(folder, 'isonet/fashion-mnist'), { trainLength: 5 });
    vi.stubEnv('ISONET_DATA', join(folder, 'named'));
    vi.stubEnv('XDG_CACHE_HOME', folder);
    const { train, source } = await loadFashionMnist();
    expect([train.length, source.kind, source.path]).toEqual([4, 'cache', join(folder, 'named')]);
  });

  test('in ISONET_DATA is an error if it does not exist', async () => {
    const folder = await tempFolder();
    vi.stubEnv('ISONET_DATA', join(folder, 'none'));
    expect(await dataError(() => loadFashionMnist())).toMatch(/^DATA_MISSING: .*none".*unset ISONET_DATA$/);
  });

  test('is in XDG_CACHE_HOME, or else in ~/.cache', async () => {
    const folder = await tempFolder();
    await writeFour(join(folder, 'isonet/fashion-mnist'), { trainLength: 5 });
    await writeFour(join(folder, 'home/.cache/isonet/fashion-mnist'), { trainLength: 6 });
    vi.stubEnv('ISONET_DATA', '');
    vi.stubEnv('HOME', join(folder, 'home'));
    vi.stubEnv('USERPROFILE', join(folder, 'home'));
    vi.stubEnv('XDG_CACHE_HOME', folder);
    expect((await loadFashionMnist()).train.length).toBe(5);
    vi.stubEnv('XDG_CACHE_HOME', 'relative');
    expect((await loadFashionMnist()).train.length).toBe(6);
  });

  test('is an error with a working fix if it cannot be accessed, and is skipped for a user without a home', async () => {
    const folder = await tempFolder();
    const home = join(folder, 'x'.repeat(300)); // An overlong name stands in for EACCES, which root never gets.
    vi.stubEnv('ISONET_DATA', '');
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.stubEnv('HOME', home);
    vi.stubEnv('USERPROFILE', home);
    const options = { systemFolder: join(folder, 'system') };
    expect(await dataError(() => loadFashionMnist(options))).toMatch(
      /^FILE_UNREADABLE: file ".*": cannot be accessed: .*; set XDG_CACHE_HOME to a folder that you can read, such as XDG_CACHE_HOME=\/tmp\/cache, or pass the data: --data FOLDER$/,
    );
    vi.stubEnv('XDG_CACHE_HOME', folder);
    expect((await loadFashionMnist(options)).source.kind).toBe('sample');
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.stubEnv('HOME', '');
    vi.stubEnv('USERPROFILE', '');
    expect((await loadFashionMnist(options)).source.kind).toBe('sample');
  });
});

describe('inconsistent files', () => {
  test.each<[string, string, readonly number[], RegExp]>([
    [
      'fewer labels than images',
      FILES[1],
      [2],
      /^DATASET: dataset "fashion-mnist\/train": .*3 images and 2 labels/,
    ],
    [
      'images of too small a height',
      FILES[2],
      [4, 14, 28],
      /^DATASET: .*\/test": .*\[n, 28, 28\], got \[4, 14, 28\]/,
    ],
    [
      'images of too small a width',
      FILES[2],
      [4, 28, 14],
      /^DATASET: .*\/test": .*\[n, 28, 28\], got \[4, 28, 14\]/,
    ],
    [
      'labels under the name of images',
      FILES[0],
      [3],
      /^IDX_RANK: .*train-images-idx3-ubyte": expected rank 3, got 1/,
    ],
    [
      'images under the name of labels',
      FILES[3],
      [2, 28, 28],
      /^IDX_RANK: .*t10k-labels-idx1-ubyte": expected rank 1, got 3/,
    ],
  ])('are rejected: %s', async (_, name, shape, message) => {
    const folder = await tempFolder();
    await writeFour(folder);
    await writeFile(join(folder, name), encodeIdx(shape, new Uint8Array(shape.reduce((a, b) => a * b))));
    expect(await dataError(() => loadFashionMnist({ folder }))).toMatch(message);
  });

  test('are rejected: a label of 10', async () => {
    const folder = await tempFolder();
    await writeFour(folder);
    await writeFile(join(folder, FILES[3]), encodeIdx([2], Uint8Array.of(9, 10)));
    expect(await dataError(() => loadFashionMnist({ folder }))).toMatch(
      /^DATASET: dataset "fashion-mnist\/test": label of sample 1: expected a class in 0 \.\. 9, got 10; classes are counted from 0: subtract 1 from labels that start at 1$/,
    );
  });

  test('are rejected: a 32-bit label of 256, but not of 9', async () => {
    const folder = await tempFolder();
    await writeFour(folder);
    const header = [0, 0, 0x0c, 1, 0, 0, 0, 2];
    await writeFile(join(folder, FILES[3]), Uint8Array.of(...header, 0, 0, 0, 9, 0, 0, 0, 3));
    const { test: held } = await loadFashionMnist({ folder });
    expect(held.labels).toEqual(Int32Array.of(9, 3));
    await writeFile(join(folder, FILES[3]), Uint8Array.of(...header, 0, 0, 1, 0, 0, 0, 0, 3));
    expect(await dataError(() => loadFashionMnist({ folder }))).toMatch(
      /^DATASET: .*label of sample 0: expected a class in 0 \.\. 9, got 256; classes are counted from 0: subtract 1 from labels that start at 1$/,
    );
  });
});
