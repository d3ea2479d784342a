// Tests in-memory datasets, and the tensors of their batches.
import {
  createDataset,
  type ImageDataset,
  imageTensor,
  type LabelArray,
  resizeImages,
  resized,
} from '@isonet/data';
import { describe, expect, test } from 'vitest';
import { dataError, smallDataset } from './helpers.ts';

describe('createDataset', () => {
  const parts = { name: 'd', imageShape: [1, 1, 2], classes: ['a', 'b'] } as const;

  test('counts the images', () => {
    const dataset = createDataset({ ...parts, images: new Uint8Array(6), labels: Uint8Array.of(0, 1, 1) });
    expect(dataset.length).toBe(3);
  });

  test.each([
    ['an empty dataset', 0, [], /expected at least one image/],
    ['too few labels', 6, [0, 1], /3 images and 2 labels/],
    ['too many labels', 6, [0, 1, 0, 1], /3 images and 4 labels/],
    [
      'a label without a class',
      6,
      [0, 1, 2],
      /label of sample 2: expected a class in 0 \.\. 1, got 2; classes are counted from 0: subtract 1 from labels that start at 1$/,
    ],
  ])('rejects %s', async (_, bytes, labels, message) => {
    const error = await dataError(() =>
      createDataset({ ...parts, images: new Uint8Array(bytes), labels: Uint8Array.from(labels) }),
    );
    expect(error).toMatch(/^DATASET: dataset "d": /);
    expect(error).toMatch(message);
  });

  test('rejects bytes that are not complete images', async () => {
    expect(
      await dataError(() =>
        createDataset({ ...parts, images: new Uint8Array(5), labels: Uint8Array.of(0, 1) }),
      ),
    ).toMatch(/^IMAGE_SHAPE: .*multiple of 2, .*got 5/);
  });

  test.each([[[1, 0, 2]], [[1, 2.5, 2]], [[1, 2, 20_000]]] as const)(
    'rejects the image shape %j',
    async (imageShape) => {
      expect(
        await dataError(() =>
          createDataset({ ...parts, imageShape, images: new Uint8Array(4), labels: Uint8Array.of(0) }),
        ),
      ).toMatch(/^IMAGE_SHAPE: .*integers from 1 to 16384/);
    },
  );
});

describe('labels of 1,000 classes', () => {
  const classes = Array.from({ length: 1000 }, (_, k) => `class ${k}`);

  /** Creates a dataset of one-pixel images with these labels. */
  const labelled = (labels: LabelArray): ImageDataset =>
    createDataset({
      name: 'd',
      imageShape: [1, 1, 1],
      classes,
      images: new Uint8Array(labels.length),
      labels,
    });

  test.each([
    ['Uint16Array', Uint16Array.of(0, 256, 999)],
    ['Uint32Array', Uint32Array.of(0, 256, 999)],
    ['Int32Array', Int32Array.of(0, 256, 999)],
  ])('may be in a %s', (_, labels) => {
    const dataset = labelled(labels);
    expect(dataset.labels).toBe(labels);
    const expected = { dtype: 'int32', shape: [3], data: Int32Array.of(999, 0, 256) };
    expect(dataset.batch([2, 0, 1]).labels).toEqual(expected);
    const large = resized(dataset, [2, 2]);
    expect(large.labels).toBe(labels);
    expect(large.batch([2, 0, 1]).labels).toEqual(expected);
  });

  test.each([
    ['a negative label', Int32Array.of(5, -1, -2), 1, -1],
    ['the lowest 32-bit label', Int32Array.of(-(2 ** 31)), 0, -(2 ** 31)],
    ['a label equal to the number of classes', Uint16Array.of(0, 999, 1000), 2, 1000],
    ['two labels, naming the first', Uint32Array.of(0, 2 ** 32 - 1, 1000), 1, 2 ** 32 - 1],
    // Its lowest byte is a valid class.
    ['a label of 2^16', Int32Array.of(3, 2 ** 16), 1, 2 ** 16],
  ])('rejects %s', async (_, labels, index, label) => {
    expect(await dataError(() => labelled(labels))).toBe(
      `DATASET: dataset "d": label of sample ${index}: expected a class in 0 .. 999, got ${label}; classes are counted from 0: subtract 1 from labels that start at 1`,
    );
  });
});

describe('dataset.batch', () => {
  test('gathers images and labels in the order of the indices', () => {
    const { inputs, labels } = smallDataset(5).batch([4, 0, 4]);
    expect(inputs.shape).toEqual([3, 1, 2, 3]);
    const bytes = [40, 41, 42, 43, 44, 45, 0, 1, 2, 3, 4, 5, 40, 41, 42, 43, 44, 45];
    expect([...inputs.data]).toEqual(bytes.map((byte) => Math.fround(byte / 255)));
    expect(labels).toEqual({ dtype: 'int32', shape: [3], data: Int32Array.of(1, 0, 1) });
  });

  test.each([[5], [-1], [0.5], [NaN]])('rejects the index %d', async (index) => {
    expect(await dataError(() => smallDataset(5).batch([0, index]))).toBe(
      `SAMPLE_INDEX: dataset "small": expected an index from 0 to 4, got ${index}`,
    );
  });

  test('rejects an empty batch', async () => {
    expect(await dataError(() => smallDataset(5).batch([]))).toMatch(/^SAMPLE_INDEX: .*at least one index/);
  });
});

describe('resized', () => {
  test('returns the same samples at the new size', () => {
    const dataset = smallDataset(5);
    const large = resized(dataset, [4, 6]);
    expect(large).toMatchObject({
      name: 'small',
      length: 5,
      imageShape: [1, 4, 6],
      classes: dataset.classes,
    });
    const { inputs, labels } = large.batch([3, 1]);
    const bytes = [3, 1].flatMap((i) => [
      ...resizeImages(dataset.images.subarray(i * 6, i * 6 + 6), [1, 2, 3], [4, 6]),
    ]);
    expect(inputs).toEqual(imageTensor(Uint8Array.from(bytes), [1, 4, 6]));
    expect(labels).toEqual(dataset.batch([3, 1]).labels);
  });

  test('rejects invalid sizes immediately, and invalid indices in a batch', async () => {
    expect(await dataError(() => resized(smallDataset(5), [0, 6]))).toMatch(/^IMAGE_SHAPE:/);
    expect(await dataError(() => resized(smallDataset(5), [4, 6]).batch([5]))).toMatch(/^SAMPLE_INDEX:/);
  });
});

describe('imageTensor', () => {
  test('divides every byte by 255 and rounds once', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { shape, data } = imageTensor(all, [1, 16, 16]);
    expect(shape).toEqual([1, 1, 16, 16]);
    expect([...data]).toEqual(Array.from(all, (byte) => Math.fround(byte / 255)));
    // Multiplying by a rounded 1/255 would yield different bits for some bytes.
    expect([...data]).not.toEqual(Array.from(all, (byte) => Math.fround(byte * Math.fround(1 / 255))));
  });

  test('counts images of several channels', () => {
    expect(imageTensor(new Uint8Array(24), [3, 2, 2]).shape).toEqual([2, 3, 2, 2]);
  });
});
