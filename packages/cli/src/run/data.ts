// The data of a run: found by @isonet/data, checked against the model, cut where a run asks for less.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Dataset, Model } from '@isonet/core';
import { DataError } from '@isonet/core';
import type { FashionMnist, ImageDataset } from '@isonet/data';
import { loadFashionMnist } from '@isonet/data';
import type { RunData } from './record.ts';

/** @param folder as it was typed; undefined: what is found */
export async function loadData(cwd: string, folder: string | undefined, model: Model): Promise<FashionMnist> {
  const data = await loadFashionMnist(folder === undefined ? {} : { folder: resolve(cwd, folder) });
  const { imageShape, classes } = data.train;
  if (imageShape.join() !== model.imageShape.join() || classes.length !== model.classes) {
    throw new DataError(
      'DATA_MODEL',
      `${model.name} takes images [${model.imageShape.join(', ')}] of ${model.classes} classes; ` +
        `the data has [${imageShape.join(', ')}] of ${classes.length}`,
    );
  }
  return data;
}

/** The first `limit` images. @throws DataError `DATA_LIMIT` when there are not so many */
export function firstImages(data: ImageDataset, limit: number | null): Dataset {
  if (limit === null) return data;
  if (limit > data.length) {
    throw new DataError(
      'DATA_LIMIT',
      `--limit ${limit}: the data has ${data.length} training images; ask for fewer or leave it out`,
    );
  }
  return { length: limit, batch: (indices) => data.batch(indices) };
}

/** What run.json says of the data. */
export function describeData({ train, test, source }: FashionMnist, limit: number | null): RunData {
  return { ...source, train: limit ?? train.length, test: test.length, sha256: digestOf(train) };
}

/** Of the images and their labels: a run that goes on must see the same. */
export function digestOf({ images, labels }: ImageDataset): string {
  return createHash('sha256').update(images).update(labels).digest('hex');
}
