// The result of every loader: training and test images, and a description of their source.
import type { ImageDataset } from './dataset.ts';

/** The source of data. */
export interface DataSource {
  /** Where the data was found: in the caller's folder, the cache, a system package, or the sample package. */
  readonly kind: 'folder' | 'cache' | 'system' | 'sample';
  /** The folder with the files. */
  readonly path: string;
  /** A one-line description, e.g. `data: Fashion-MNIST, 60,000 training and 10,000 test images from DIR`. */
  readonly text: string;
}

/** Training and test images, and their source. */
export interface LoadedData {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
  readonly source: DataSource;
}

/** Formats the counts: `60,000 training and 10,000 test images`, with ` and ` as the joint. */
export function countsText({ train, test }: Pick<LoadedData, 'train' | 'test'>, joint: string): string {
  const images = test.length === 1 ? 'image' : 'images';
  return `${train.length.toLocaleString('en-US')} training${joint}${test.length.toLocaleString('en-US')} test ${images}`;
}
