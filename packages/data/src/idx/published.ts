// Identifies published datasets of four IDX files by their checksums, because all datasets of ten classes of 28x28 grey
// images have the same shapes.
import { createHash } from 'node:crypto';
import { FASHION_MNIST_CLASSES } from '../fashionMnist.ts';
import type { IdxArray, IdxLabels } from './idx.ts';

/** The class names of MNIST: the digits. */
export const MNIST_CLASSES: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** A dataset that was published as four IDX files. */
export interface PublishedIdx {
  /** The name for messages. */
  readonly title: string;
  readonly classes: readonly string[];
  /** The SHA-256 of each uncompressed file, in hex. */
  readonly sha256: Readonly<Record<keyof FourFiles, string>>;
}

/** The contents of the four files. */
export interface FourFiles {
  readonly trainImages: IdxArray;
  readonly trainLabels: IdxLabels;
  readonly testImages: IdxArray;
  readonly testLabels: IdxLabels;
}

const PUBLISHED: readonly PublishedIdx[] = [
  {
    title: 'MNIST',
    classes: MNIST_CLASSES,
    sha256: {
      trainImages: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      trainLabels: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      testImages: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      testLabels: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
  },
  {
    title: 'Fashion-MNIST',
    classes: FASHION_MNIST_CLASSES,
    sha256: {
      trainImages: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
      trainLabels: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
      testImages: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
      testLabels: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  },
];

/** The small files come first, so that other data is ruled out before 47 MB are hashed. */
const ORDER = ['testLabels', 'trainLabels', 'testImages', 'trainImages'] as const;

/** Returns the published dataset that these files match byte for byte; undefined if there is none. */
export function publishedAs(
  files: FourFiles,
  among: readonly PublishedIdx[] = PUBLISHED,
): PublishedIdx | undefined {
  let left = among;
  for (const name of ORDER) {
    const digest = digestOf(files[name]);
    left = left.filter(({ sha256 }) => sha256[name] === digest);
    if (left.length === 0) return undefined;
  }
  return left[0];
}

/** Returns the SHA-256 of the parsed file; undefined if its elements are not bytes. */
function digestOf({ shape, data }: IdxArray | IdxLabels): string | undefined {
  if (!(data instanceof Uint8Array)) return undefined;
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, 0x08);
  header.setUint8(3, shape.length);
  shape.forEach((dim, axis) => header.setUint32(4 + 4 * axis, dim));
  return createHash('sha256').update(header).update(data).digest('hex');
}
