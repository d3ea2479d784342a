// The first images of the sample as a data set of its own, for rehearsals: a software driver takes minutes to test on all of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sampleFiles } from '@isonet/fashion-mnist-sample';

const names = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
} as const;

/** Writes the first `count` images and labels of both parts, as IDX, into a folder that exists. */
export function writeSmallData(folder: string, count: number): void {
  for (const [key, name] of Object.entries(names)) {
    const bytes = gunzipSync(readFileSync(new URL(sampleFiles[key as keyof typeof names].href)));
    const isImages = name.includes('images');
    const [header, each] = isImages ? [16, 28 * 28] : [8, 1];
    bytes.writeUInt32BE(count, 4);
    writeFileSync(join(folder, name), bytes.subarray(0, header + count * each));
  }
}
