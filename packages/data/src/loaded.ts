// What every loader gives: training and test images, and a sentence that says where they came from.
import type { ImageDataset } from './dataset.ts';

/** Where data came from. */
export interface DataSource {
  /** Where they were found: the caller's folder, the cache, a system package, or the sample package. */
  readonly kind: 'folder' | 'cache' | 'system' | 'sample';
  /** The folder with the files. */
  readonly path: string;
  /** One plain sentence for people, e.g. `data: Fashion-MNIST, 60,000 training and 10,000 test images from DIR`. */
  readonly text: string;
}

/** Training and test images, and where they came from. */
export interface LoadedData {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
  readonly source: DataSource;
}

/** `60,000 training and 10,000 test images`, with ` and ` as the joint. */
export function countsText({ train, test }: Pick<LoadedData, 'train' | 'test'>, joint: string): string {
  const images = test.length === 1 ? 'image' : 'images';
  return `${train.length.toLocaleString('en-US')} training${joint}${test.length.toLocaleString('en-US')} test ${images}`;
}
