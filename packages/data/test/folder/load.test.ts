// Tests image folders as datasets: batches, held-out images, undecodable files, and the digests that resumed runs rely on.
import { copyFile, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ImageFolder,
  type ImageFolderOptions,
  loadImageFolder,
  preprocessing,
  readImage,
} from '@isonet/data';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dataError } from '../helpers.ts';
import { classes, folderWith, greyImage } from './helpers.ts';

const grey = preprocessing([1, 2, 2]);
const whole = { preprocessing: grey, workers: 0 };

async function load(folder: string, options: Partial<ImageFolderOptions> = {}): Promise<ImageFolder> {
  const loaded = await loadImageFolder(folder, { ...whole, ...options });
  onTestFinished(() => loaded[Symbol.asyncDispose]());
  return loaded;
}

/** Returns the level of each training image. */
async function levels({ train }: Pick<ImageFolder, 'train'>): Promise<readonly number[]> {
  const all = await train.pixels(Array.from({ length: train.length }, (_, i) => i));
  return Array.from({ length: train.length }, (_, i) => all[4 * i]!);
}

describe('a batch', () => {
  test.each([0, 2])('is preprocessed and normalized, with %d workers', async (workers) => {
    const folder = await folderWith(classes(['cat', 'dog'], 5));
    const wanted = preprocessing([3, 2, 2], { normalize: 'imagenet' });
    const { train, source, notes } = await load(folder, { workers, preprocessing: wanted });
    expect(notes).toEqual([]);
    expect(source.text).toBe(`data: 8 training and 2 test images [3, 2, 2] of 2 classes from ${folder}`);
    expect(train.classes).toEqual(['cat', 'dog']);
    const index = train.paths.indexOf('dog/02.png');
    const other = train.paths.findIndex((path) => path.startsWith('cat/'));
    const { inputs, labels } = await train.batch(Uint32Array.of(index, other, index));
    expect(labels.data).toEqual(Int32Array.of(1, 0, 1));
    expect(inputs.shape).toEqual([3, 3, 2, 2]);
    const [mean, std] = [wanted.mean[2]!, wanted.std[2]!];
    expect(inputs.data[8]).toBe(Math.fround((12 / 255 - mean) / std));
    expect([...inputs.data.subarray(0, 12)]).toEqual([...inputs.data.subarray(24)]);
    expect([...(await train.pixels([index]))]).toEqual([
      ...(await readImage(join(folder, 'dog/02.png'), wanted)),
    ]);
  });

  test('does not share memory with the cache', async () => {
    const { train } = await load(await folderWith(classes(['a', 'b'], 3)));
    const first = await train.pixels([0]);
    const before = first[0];
    first.fill(99);
    expect((await train.pixels([0]))[0]).toBe(before);
  });

  test('rejects an empty list of indices, and an index out of range', async () => {
    const { train } = await load(await folderWith(classes(['a', 'b'], 3)));
    expect(await dataError(() => train.batch([]))).toMatch(/^SAMPLE_INDEX: .*at least one index/);
    for (const index of [4, -1, 0.5]) {
      expect(await dataError(() => train.batch([index]))).toBe(
        `SAMPLE_INDEX: dataset "train": expected an index from 0 to 3, got ${index}`,
      );
    }
  });

  test('is the same whether images are cached or read again', async () => {
    const folder = await folderWith(classes(['a', 'b'], 6));
    const kept = await load(folder);
    for (const cacheBytes of [0, 9]) {
      expect(await levels(await load(folder, { cacheBytes }))).toEqual(await levels(kept));
    }
  });
});

describe('the held-out part', () => {
  const thirty = async (): Promise<string> => folderWith(classes(['a', 'b', 'c'], 10));

  test('is a fraction of each class that depends on the seed, and the parts do not overlap', async () => {
    const folder = await thirty();
    const paths = async (seed: number): Promise<readonly (readonly string[])[]> => {
      const { train, validation, test: held } = await load(folder, { seed, test: 0.2, validation: 0.1 });
      expect([train.length, validation?.length, held?.length]).toEqual([21, 3, 6]);
      for (const part of [train, validation!, held!]) {
        const counts = [0, 1, 2].map((label) => part.labels.filter((one) => one === label).length);
        expect(new Set(counts).size).toBe(1);
      }
      return [train, validation!, held!].map((part) => part.paths);
    };
    const [first, again, other] = [await paths(0), await paths(0), await paths(1)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.flat().toSorted()).toEqual(Object.keys(classes(['a', 'b', 'c'], 10)));
  });

  test('stays the same when an image is added, renamed or removed, as long as its size does not change', async () => {
    const folder = await thirty();
    const held = async (): Promise<readonly string[]> => (await load(folder)).test!.paths;
    const before = await held();
    const added = join(folder, 'b/00a.png');
    await writeFile(added, await greyImage(77));
    const after = await held();
    // One image of class b may be replaced by the new one.
    expect(before.filter((path) => !after.includes(path)).length).toBe(after.includes('b/00a.png') ? 1 : 0);
    await rename(join(folder, 'a/00.png'), join(folder, 'a/99.png'));
    await rm(added);
    expect(await held()).toEqual(before.map((path) => (path === 'a/00.png' ? 'a/99.png' : path)).toSorted());
  });

  test('is empty for a network that was trained on other images', async () => {
    const folder = await thirty();
    const { train } = await load(folder);
    const same = await load(folder, { trainedOn: train.sha256 });
    expect([same.train.sha256, same.test?.length]).toEqual([train.sha256, 6]);
    await writeFile(join(folder, 'b/more.png'), await greyImage(77));
    const other = await load(folder, { trainedOn: train.sha256 });
    expect([other.train.length, other.test]).toEqual([31, undefined]);
    const few = await load(await folderWith({ ...classes(['a'], 5), 'b/1.png': 1 }), { trainedOn: 'x' });
    expect(few.train.length).toBe(6);
  });

  test('is empty if the fraction is 0', async () => {
    const { train, validation, test: held } = await load(await thirty(), { test: 0 });
    expect([train.length, validation, held]).toEqual([30, undefined, undefined]);
  });

  test('is the part in the folder, if there is one, and cannot be a fraction then', async () => {
    const own = await folderWith({ ...prefixed('train', 3), ...prefixed('val', 1) });
    const { train, validation, test: held, source } = await load(own);
    expect([train.length, validation?.length, held]).toEqual([6, 2, undefined]);
    expect(source.text).toContain('6 training and 2 validation images');
    expect(await dataError(() => load(own, { test: 0.2 }))).toMatch(
      /^DATA_FOLDER: .*the folder has its own test or validation split/,
    );
  });

  test('leaves training images of each class', async () => {
    const few = await folderWith({ ...classes(['a'], 5), 'b/1.png': 1 });
    expect(await dataError(() => load(few))).toMatch(
      /^DATA_FOLDER: .*class "b" has 1 image, and holding out 1 leaves none for training; add images, or split them yourself into train\/b, test\/b/,
    );
    const untrained = await folderWith({
      ...prefixed('train', 1),
      ...prefixed('test', 1),
      'test/c/1.png': 1,
    });
    expect(await dataError(() => load(untrained))).toMatch(
      /^DATA_FOLDER: .*class "c" has no readable training images/,
    );
  });
});

function prefixed(part: string, count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(classes(['a', 'b'], count)).map(([path, level]) => [`${part}/${path}`, level]),
  );
}

describe('an image file that cannot be decoded', () => {
  const folder = async (): Promise<string> =>
    folderWith({
      ...classes(['a', 'b'], 5),
      'a/text.png': 'not an image',
      'b/cut.png': (await greyImage(9)).subarray(0, 60),
    });

  test.each([0, 1])('is skipped and named, with %d workers', async (workers) => {
    const { skipped, source, train, test: held } = await load(await folder(), { workers });
    expect(skipped.map(({ path, className }) => `${path} ${className}`)).toEqual([
      'a/text.png a',
      'b/cut.png b',
    ]);
    expect(skipped[0]?.error).toMatch(/^image ".*text\.png": cannot be decoded/);
    expect(source.text).toMatch(/; skipped 2 unreadable files$/);
    expect([...train.paths, ...held!.paths]).toHaveLength(10);
  });

  test('is an error with strict', async () => {
    expect(await dataError(async () => load(await folder(), { strict: true }))).toMatch(
      /^IMAGE_UNREADABLE: images in ".*": 2 of 12 are unreadable; the first is a\/text\.png: image /,
    );
  });

  test('may be a missing file of a manifest', async () => {
    const listed = await folderWith({
      ...classes(['a', 'b'], 2),
      'labels.csv': 'path,label\na/00.png,x\na/01.png,x\nb/00.png,y\nb/01.png,y\nb/02.png,y\n',
    });
    const { skipped, classes: names } = await load(listed);
    expect(names).toEqual(['x', 'y']);
    expect(skipped).toMatchObject([
      { path: 'b/02.png', error: expect.stringContaining('no such file') as string },
    ]);
  });
});

describe('the digest', () => {
  const digests = async (folder: string, options = {}): Promise<readonly string[]> => {
    const { train, test: held } = await load(folder, options);
    return [train.sha256, held!.sha256];
  };

  test('covers paths, classes and contents, but not locations and times', async () => {
    const files = { ...prefixed('train', 3), ...prefixed('test', 1) };
    const [folder, other] = [await folderWith(files), await folderWith(files)];
    const before = await digests(folder);
    expect(await digests(other)).toEqual(before);
    await utimes(join(folder, 'train/a/00.png'), 0, 0);
    expect(await digests(folder, { workers: 1 })).toEqual(before);
    // A copy of another image changes the contents.
    await copyFile(join(folder, 'train/a/01.png'), join(folder, 'train/a/00.png'));
    const [train, held] = await digests(folder);
    expect(train).not.toBe(before[0]);
    expect(held).toBe(before[1]);
  });
});

test('a file that changes or disappears during a run is an error that names it', async () => {
  const folder = await folderWith(classes(['a', 'b'], 3));
  const { train } = await load(folder, { cacheBytes: 0 });
  const [path] = train.paths;
  await writeFile(join(folder, path!), await greyImage(200));
  await utimes(join(folder, path!), 1, 1);
  expect(await dataError(() => train.batch([0]))).toMatch(
    /^DATA_CHANGED: image ".*": the file has changed since/,
  );
  await rm(join(folder, path!));
  expect(await dataError(() => train.batch([0]))).toMatch(/^FILE_MISSING: image /);
  await train.batch([1]);
});

test('loading reports progress for each image, and stops on a signal', async () => {
  const folder = await folderWith({ ...classes(['a', 'b'], 3), 'a/x.png': '' });
  const seen: string[] = [];
  await load(folder, { onProgress: ({ done, total, skipped }) => seen.push(`${done}/${total} ${skipped}`) });
  expect(seen).toHaveLength(7);
  expect(seen.at(-1)).toBe('7/7 1');
  const stop = new AbortController();
  const reason = new Error('stopped');
  const stopped = loadImageFolder(folder, {
    ...whole,
    signal: stop.signal,
    onProgress: () => stop.abort(reason),
  });
  await expect(stopped).rejects.toBe(reason);
  expect(await dataError(() => load(folder, { signal: { aborted: true } }))).toMatch(/^STOPPED: /);
});

test('blank images are counted', async () => {
  const ink = await readFile(new URL('../fixtures/ink.png', import.meta.url));
  const folder = await folderWith({ ...classes(['a', 'b'], 2), 'a/ink.png': ink });
  expect((await load(folder)).notes).toEqual([expect.stringMatching(/^1 image is blank: transparent/)]);
  const inverted = preprocessing([1, 2, 2], { invert: true });
  expect((await load(folder, { preprocessing: inverted })).notes).toEqual([]);
});

function others(extension: string): string {
  return `ignored: 1 file without an image extension (1 ${extension}); supported: .png, .jpg, .jpeg, .webp, .gif, .tif, .tiff, .avif`;
}

test.each<[Readonly<Record<string, number>>, string]>([
  [
    { 'a/1.png': 1, 'b/x': 1 },
    `class "b" has no images; add some or remove its folder; ${others('without an extension')}`,
  ],
  [{ 'a/1.png': 1, 'a/2.png': 1 }, 'expected at least two classes, got only "a"'],
  [{ 'a/x.txt': 1 }, `expected at least one image, got none; ${others('.txt')}`],
])('rejects the folder %j', async (files, problem) => {
  const folder = await folderWith(files);
  expect(await dataError(() => load(folder))).toBe(`DATA_FOLDER: images in "${folder}": ${problem}`);
});

test.each([
  [{ test: 1 }, 'test: expected a fraction, at least 0 and below 1, got 1'],
  [{ seed: -1 }, 'seed: expected an integer from 0 to'],
  [{ workers: 1.5 }, 'workers: expected an integer from 0 to 64'],
  [{ cacheBytes: -1 }, 'cacheBytes: expected'],
])('rejects the options %j', async (options, problem) => {
  expect(await dataError(() => load('nowhere', options))).toContain(
    `OPTION: loadImageFolder: options: ${problem}`,
  );
});
