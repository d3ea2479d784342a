// Writes the sample as files for `--data`, so that a dataset installed on the machine is not used instead. Rehearsals use only its
// first images, since a software driver takes minutes to test on all of them.
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

/** Writes images and labels of both parts, as IDX, into an existing folder. @param count the number of images; default: all */
export function writeSample(folder: string, count?: number): void {
  for (const [key, name] of Object.entries(names)) {
    const bytes = gunzipSync(readFileSync(new URL(sampleFiles[key as keyof typeof names].href)));
    const [header, each] = name.includes('images') ? [16, 28 * 28] : [8, 1];
    const wanted = count ?? bytes.readUInt32BE(4);
    bytes.writeUInt32BE(wanted, 4);
    writeFileSync(join(folder, name), bytes.subarray(0, header + wanted * each));
  }
}
