// Describes a folder of IDX files, as describe.ts describes a folder of image files.
import { DataError } from '@isonet/core';
import type { ImageDataset } from '../../dataset.ts';
import { loadIdxFolder } from '../../idx/idxFolder.ts';
import type { Pixels } from '../../picture/colours.ts';
import type { Part } from '../listing.ts';
import { measuresOf } from '../workers/measures.ts';
import type { ClassReport, FolderReport, Thumbnail } from './describe.ts';
import { duplicatesOf, type Hashed } from './duplicates.ts';
import { Levels } from './levels.ts';

/**
 * Reports the contents of a folder of IDX files, as `describeImageFolder` does. Training image 17 has the path
 * `train 17`.
 * @param thumbnails the number of thumbnails per class
 * @throws DataError as `loadIdxFolder`; `DATA_FOLDER` if the images do not have 1 or 3 channels
 */
export async function describeIdxFolder(folder: string, thumbnails: number = 0): Promise<FolderReport> {
  const { train, test } = await loadIdxFolder(folder, 10);
  const { classes, imageShape } = train;
  const [channels, height, width] = imageShape;
  if (channels !== 1 && channels !== 3) {
    throw new DataError(
      'DATA_FOLDER',
      `data in "${folder}": expected images of 1 or 3 channels, got ${channels}`,
    );
  }
  const counts = classes.map(() => ({ train: 0, test: 0 }));
  const kept: Thumbnail[] = [];
  const hashed: Hashed[] = [];
  const levels = new Levels();
  let grey = 0;
  const add = (part: 'train' | 'test', { images, labels }: ImageDataset): void => {
    const size = channels * height * width;
    for (const [i, label] of labels.entries()) {
      const image = images.subarray(i * size, (i + 1) * size);
      const path = `${part} ${i}`;
      const measures = measuresOf(pixelsOf(image, width, height));
      const count = counts[label]!;
      if (count.train + count.test < thumbnails) {
        kept.push({ path, label, width, height, image: planes(image, channels), shape: [3, height, width] });
      }
      count[part]++;
      if (measures.isGrey) grey++;
      levels.add(path, measures);
      hashed.push({ path, label, part, sha256: measures.pixels, pixels: measures.pixels });
    }
  };
  add('train', train);
  add('test', test);
  const spread = (side: number): FolderReport['width'] => ({ min: side, median: side, max: side });
  return {
    folder,
    pictures: hashed.length,
    classes: classes.map((name, label) => classReport(name, counts[label]!)),
    width: spread(width),
    height: spread(height),
    formats: { idx: hashed.length },
    channels: { [channels === 1 ? 'grey' : 'colour']: hashed.length },
    grey,
    normalization: levels.normalization(),
    // Images share a file, so only their pixels can be compared.
    duplicates: { files: [], pixels: duplicatesOf(hashed).files },
    unreadable: [],
    inkLost: [],
    notes: [],
    thumbnails: kept,
  };
}

function classReport(
  name: string,
  parts: Readonly<Record<Extract<Part, 'train' | 'test'>, number>>,
): ClassReport {
  return { name, pictures: parts.train + parts.test, parts, unreadable: 0 };
}

/** Converts an image to opaque pixels. `[channels, height, width] -> [height, width, 4]` */
function pixelsOf(image: Uint8Array, width: number, height: number): Pixels {
  const area = width * height;
  const colour = planes(image, image.length / area);
  const data = new Uint8Array(4 * area).fill(255);
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) data[4 * i + c] = colour[c * area + i]!;
  return { width, height, data };
}

/** Returns an image in three channels. `[channels, ...] -> [3, ...]` */
function planes(image: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return image;
  const three = new Uint8Array(3 * image.length);
  for (let c = 0; c < 3; c++) three.set(image, c * image.length);
  return three;
}
