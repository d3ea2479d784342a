// Tests the data of @isonet/fashion-mnist-sample, a stratified sample of the real dataset.
import { existsSync } from 'node:fs';
import { FASHION_MNIST_CLASSES, imageTensor, loadFashionMnist, loadFashionMnistSample } from '@isonet/data';
import { describe, expect, test } from 'vitest';

const SYSTEM = '/usr/share/datasets/fashion-mnist';

describe('the sample', () => {
  test('is stratified: it has equally many images of each class, also in every ten consecutive images', async () => {
    const { train, test: held } = await loadFashionMnistSample();
    for (const [dataset, perClass] of [
      [train, 800],
      [held, 100],
    ] as const) {
      const counts = FASHION_MNIST_CLASSES.map(
        (_, label) => dataset.labels.filter((l) => l === label).length,
      );
      expect(counts).toEqual(Array(10).fill(perClass));
      expect(dataset.labels.every((label, i) => label === i % 10)).toBe(true);
    }
  });

  test('describes itself', async () => {
    const { train, test: held, source } = await loadFashionMnistSample();
    expect(train).toMatchObject({
      name: 'fashion-mnist-sample/train',
      length: 8000,
      imageShape: [1, 28, 28],
    });
    expect(held).toMatchObject({
      name: 'fashion-mnist-sample/test',
      length: 1000,
      classes: FASHION_MNIST_CLASSES,
    });
    expect(source.kind).toBe('sample');
    expect(source.text).toBe(
      'data: a sample of Fashion-MNIST (8,000 training, 1,000 test images); ' +
        'for all 70,000 images: npx isonet data fetch fashion-mnist, or --data FOLDER with the four files',
    );
  });

  test('has no duplicate or blank images', async () => {
    const { train, test: held } = await loadFashionMnistSample();
    const images = [train, held].flatMap((d) =>
      Array.from({ length: d.length }, (_, i) =>
        Buffer.from(d.images.subarray(i * 784, i * 784 + 784)).toString('latin1'),
      ),
    );
    expect(new Set(images).size).toBe(9000);
    expect(
      imageTensor(train.images, train.imageShape).data.reduce((a, b) => a + b) / train.images.length,
    ).toBeCloseTo(0.286, 2);
  });

  test.skipIf(!existsSync(SYSTEM))('has the first images of each class of the complete dataset', async () => {
    const whole = await loadFashionMnist({ folder: SYSTEM });
    const sample = await loadFashionMnistSample();
    for (const part of ['train', 'test'] as const) {
      const next = Array.from({ length: 10 }, () => 0);
      const chosen = whole[part];
      let compared = 0;
      for (let i = 0; i < chosen.length; i++) {
        const label = chosen.labels[i] ?? 0;
        const at = (next[label] = (next[label] ?? 0) + 1) * 10 - 10 + label;
        if (at >= sample[part].length) continue;
        const image = chosen.images.subarray(i * 784, i * 784 + 784);
        expect(Buffer.compare(image, sample[part].images.subarray(at * 784, at * 784 + 784))).toBe(0);
        compared++;
      }
      expect(compared).toBe(sample[part].length);
    }
  });
});
