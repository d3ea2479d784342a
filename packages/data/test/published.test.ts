// Tests that published datasets are identified by checksum, because MNIST and Fashion-MNIST have the same shapes. Their
// files are too large for a test, so this one uses a tiny fictitious dataset and, if installed, the real files of the
// system package.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { FASHION_MNIST_CLASSES, loadDataFolder, MNIST_CLASSES } from '@isonet/data';
import { expect, test } from 'vitest';
import { type FourFiles, publishedAs, type PublishedIdx } from '../src/idx/published.ts';

const SYSTEM = '/usr/share/datasets/fashion-mnist';

const images = { shape: [2, 1, 1], data: Uint8Array.of(1, 2) };
const labels = { shape: [2], data: Uint8Array.of(0, 1) };
const FILES: FourFiles = { trainImages: images, trainLabels: labels, testImages: images, testLabels: labels };
const IMAGES_FILE = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2);
const LABELS_FILE = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 1);

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const SMALL: PublishedIdx = {
  title: 'Small',
  classes: MNIST_CLASSES,
  sha256: {
    trainImages: digest(IMAGES_FILE),
    trainLabels: digest(LABELS_FILE),
    testImages: digest(IMAGES_FILE),
    testLabels: digest(LABELS_FILE),
  },
};

test('a dataset is identified by all of its four files', () => {
  expect(publishedAs(FILES, [SMALL])).toBe(SMALL);
  for (const name of ['trainImages', 'testImages'] as const) {
    const other = { ...FILES, [name]: { shape: [2, 1, 1], data: Uint8Array.of(1, 3) } };
    expect(publishedAs(other, [SMALL])).toBeUndefined();
  }
  const wide = { ...FILES, testLabels: { shape: [2], data: Int32Array.of(0, 1) } };
  expect(publishedAs(wide, [SMALL])).toBeUndefined();
  expect(publishedAs(FILES)).toBeUndefined();
});

test.runIf(existsSync(SYSTEM))("the system package's files are Fashion-MNIST", async () => {
  const { train, source } = await loadDataFolder(SYSTEM, 10);
  expect(train.classes).toBe(FASHION_MNIST_CLASSES);
  expect(source.text).toBe(`data: Fashion-MNIST, 60,000 training and 10,000 test images from ${SYSTEM}`);
});
