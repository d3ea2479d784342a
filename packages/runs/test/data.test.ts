// Tests how a run loads its data, and the digest of the data, which covers every byte of images and labels. Earlier versions
// recorded the same digests.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ninCifar10 } from '@isonet/models';
import { createDataset, type LabelArray } from '@isonet/data';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeData } from '../src/data/describe.ts';
import { digestOf } from '../src/data/inMemory.ts';
import { loadData } from '../src/data/loadData.ts';
import { trainingImages } from '../src/data/parts.ts';
import { takerOf } from '../src/data/taker.ts';

const images = Uint8Array.of(1, 2, 3);

function digestWith(labels: LabelArray, classes: number = 1000): string {
  const names = Array.from({ length: classes }, (_, k) => `class ${k}`);
  return digestOf(createDataset({ name: 'd', imageShape: [1, 1, 1], classes: names, images, labels }));
}

describe('digestOf', () => {
  it('is the SHA-256 of the bytes 01 02 03 and the labels', () => {
    const expected = createHash('sha256')
      .update(Uint8Array.of(1, 2, 3, 0, 1, 2))
      .digest('hex');
    expect(digestWith(Uint8Array.of(0, 1, 2), 3)).toBe(expected);
    // Earlier versions recorded this kind of digest in run.json, so it must not change.
    expect(expected).toBe('a6da5671467b03d21e4fa38ff746d6ca6152b029c174fdf0635edd48497ffd24');
  });

  it('covers every byte of wider labels, including those of a view', () => {
    const bytes = Uint8Array.of(1, 2, 3, 0xe7, 3, 0, 1, 5, 0);
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect(digestWith(Uint16Array.of(999, 256, 5))).toBe(expected);
    expect(digestWith(Uint16Array.of(7, 7, 999, 256, 5, 7).subarray(2, 5))).toBe(expected);
  });

  it('distinguishes labels that end in the same byte', () => {
    for (const array of [Uint16Array, Uint32Array, Int32Array]) {
      expect(digestWith(array.of(1, 0, 0))).not.toBe(digestWith(array.of(257, 0, 0)));
    }
  });
});

describe('loadData', () => {
  it('loads CIFAR-10 with its class names for a network of colour images', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'isonet-runs-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const names = [...[1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`), 'test_batch.bin'];
    for (const [k, name] of names.entries()) {
      await writeFile(join(folder, name), new Uint8Array(3073).fill(k, 0, 1).fill(51, 1));
    }
    const data = await loadData('/', folder, takerOf(ninCifar10(), undefined));
    expect(data.source.text).toBe(`data: CIFAR-10, 5 training and 1 test image from ${folder}`);
    const { inputs, labels } = await data.train.batch(Uint32Array.of(3));
    expect([inputs.shape, inputs.data[0], labels.data[0]]).toEqual([[1, 3, 32, 32], Math.fround(0.2), 3]);
    const parts = trainingImages(data, { limit: null, validation: null, seed: 0, augment: null });
    expect(describeData(data, parts).classes?.slice(0, 2)).toEqual(['airplane', 'automobile']);
  });
});

describe('trainingImages', () => {
  const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 10);
  const all = createDataset({
    name: 'd',
    imageShape: [1, 1, 1],
    classes: Array.from({ length: 10 }, (_, k) => `class ${k}`),
    images: Uint8Array.from({ length: 20 }, (_, i) => i),
    labels,
  });
  const data = { train: all, validation: undefined, preprocessing: undefined, isSorted: false };
  const held = async (seed: number): Promise<readonly number[]> => {
    const { train, validation } = trainingImages(data, { limit: 16, validation: 0.25, seed, augment: null });
    expect([train.length, validation?.length]).toEqual([12, 4]);
    const batch = await validation?.batch(Uint32Array.of(0, 1, 2, 3));
    return Array.from(batch?.inputs.data ?? [], (pixel) => Math.round(pixel * 255));
  };

  it('takes the first images and splits them by the seed', async () => {
    expect(await held(1)).toEqual(await held(1));
    expect(await held(1)).not.toEqual(await held(2));
    expect(Math.max(...(await held(1)))).toBeLessThan(16);
  });
});
