// Test helpers: data of a few images, and a network that the reference trains in milliseconds.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageClassifier } from '@isonet/core';
import {
  classification,
  conv2d,
  dropout,
  flatten,
  globalAvgPool2d,
  maxPool2d,
  sequential,
  uniformBlock,
} from '@isonet/core';
import { encodeIdx, FASHION_MNIST_CLASSES } from '@isonet/data';
import type { ModelEntry, ModelOptions } from '@isonet/runs';

const TRAIN_IMAGES = 24;
export const TEST_IMAGES = 10;

/** Writes four files like those of Fashion-MNIST, with its class names. The images are noise, brighter for each class. */
export async function writeData(folder: string, seed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'classes.txt'), FASHION_MNIST_CLASSES.join('\n'));
  for (const [name, count, stream] of [
    ['train', TRAIN_IMAGES, 1],
    ['t10k', TEST_IMAGES, 2],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    const noise = uniformBlock(seed, stream, 0, 0, count * 784);
    const images = Uint8Array.from(noise, (u, i) => u * 25 * (1 + (labels[Math.floor(i / 784)] ?? 0)));
    await writeFile(join(folder, `${name}-images-idx3-ubyte`), encodeIdx([count, 28, 28], images));
    await writeFile(join(folder, `${name}-labels-idx1-ubyte`), encodeIdx([count], labels));
  }
}

/** Creates a network `[N, 1, size, size] -> [N, 10]` with 58 parameters and a dropout layer. */
function tiny(size: number, { batchNorm = false, dropoutRate = 0.2 }: ModelOptions = {}): ImageClassifier {
  return {
    name: size === 28 ? 'tiny' : `tiny${size}`,
    input: { name: 'images', shape: [1, size, size] },
    output: { name: 'logits', shape: [10] },
    layer: sequential({
      pool: maxPool2d({ kernel: 14 }),
      block: sequential({
        c1: conv2d(4, { kernel: 1, activation: 'relu', batchNorm }),
        c2: conv2d(10, { kernel: 1 }),
      }),
      drop: dropout(dropoutRate),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}

export function tinyEntry(size: number, name: string = tiny(size).name): ModelEntry {
  return {
    name,
    text: 'a test',
    task: classification(),
    network: 'nin',
    dropout: true,
    load: (options) => Promise.resolve({ ...tiny(size, options), name }),
  };
}
