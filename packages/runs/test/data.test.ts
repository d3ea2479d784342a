// The digest of a run's data: every byte of images and labels counts, and runs of earlier versions have the same.
import { createHash } from 'node:crypto';
import { createDataset, type LabelArray } from '@isonet/data';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../src/data/inMemory.ts';
import { trainingImages } from '../src/data/parts.ts';

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
    // The run.json of earlier runs holds digests of bytes: this one is pinned.
    expect(expected).toBe('a6da5671467b03d21e4fa38ff746d6ca6152b029c174fdf0635edd48497ffd24');
  });

  it('has every byte of wider labels, of a view too', () => {
    const bytes = Uint8Array.of(1, 2, 3, 0xe7, 3, 0, 1, 5, 0);
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect(digestWith(Uint16Array.of(999, 256, 5))).toBe(expected);
    expect(digestWith(Uint16Array.of(7, 7, 999, 256, 5, 7).subarray(2, 5))).toBe(expected);
  });

  it('tells labels apart that end in the same byte', () => {
    for (const array of [Uint16Array, Uint32Array, Int32Array]) {
      expect(digestWith(array.of(1, 0, 0))).not.toBe(digestWith(array.of(257, 0, 0)));
    }
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
  const data = { train: all, validation: undefined, isSorted: false };
  const held = async (seed: number): Promise<readonly number[]> => {
    const { train, validation } = trainingImages(data, { limit: 16, validation: 0.25, seed });
    expect([train.length, validation?.length]).toEqual([12, 4]);
    const batch = await validation?.batch(Uint32Array.of(0, 1, 2, 3));
    return Array.from(batch?.inputs.data ?? [], (pixel) => Math.round(pixel * 255));
  };

  it('are the first ones, split by the seed', async () => {
    expect(await held(1)).toEqual(await held(1));
    expect(await held(1)).not.toEqual(await held(2));
    expect(Math.max(...(await held(1)))).toBeLessThan(16);
  });
});
