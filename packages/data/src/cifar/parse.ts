// The binary form of CIFAR: records of one label (CIFAR-100: a coarse and a fine one) and 32x32 bytes of red, of green and of
// blue, row by row. No header: the length alone tells how many there are. https://www.cs.toronto.edu/~kriz/cifar.html
import { DataError } from '@isonet/core';
import type { ImageShape } from '../imageShape.ts';

export const CIFAR_IMAGE_SHAPE: ImageShape = [3, 32, 32];
const IMAGE_BYTES = 3 * 32 * 32;

/** Which byte of a record is the label. */
export interface RecordForm {
  /** How many labels stand before the image. */
  readonly labels: 1 | 2;
  /** Which of them is taken, from 0. */
  readonly label: 0 | 1;
  readonly classes: number;
}

/** Images and labels of records, apart. */
export interface CifarRecords {
  /** `[n, 3, 32, 32]` */
  readonly images: Uint8Array;
  /** `[n]` */
  readonly labels: Uint8Array;
}

/** The length of `count` records. */
export function recordBytes({ labels }: Pick<RecordForm, 'labels'>, count: number): number {
  return count * (labels + IMAGE_BYTES);
}

/**
 * Takes the records of files apart, in their order.
 * @throws DataError `CIFAR_SIZE` when a file is not a whole number of records, one at least; `CIFAR_LABEL` for a label that is not
 *   below `classes`, naming file and record
 */
export function parseCifar(
  files: readonly { readonly bytes: Uint8Array; readonly path: string }[],
  form: RecordForm,
): CifarRecords {
  const size = recordBytes(form, 1);
  for (const { bytes, path } of files) {
    if (bytes.length > 0 && bytes.length % size === 0) continue;
    throw new DataError(
      'CIFAR_SIZE',
      `cifar "${path}": expected records of ${size} bytes each, one at least, got ${bytes.length} bytes; fetch the file again`,
    );
  }
  const count = files.reduce((sum, { bytes }) => sum + bytes.length / size, 0);
  const [images, labels] = [new Uint8Array(count * IMAGE_BYTES), new Uint8Array(count)];
  let to = 0;
  for (const { bytes, path } of files) {
    for (let start = 0; start < bytes.length; start += size, to++) {
      const label = bytes[start + form.label]!;
      if (label >= form.classes) {
        throw new DataError(
          'CIFAR_LABEL',
          `cifar "${path}": record ${start / size}: expected a label from 0 to ${form.classes - 1}, got ${label}; is it the binary form of CIFAR-${form.classes === 10 ? 10 : 100}?`,
        );
      }
      labels[to] = label;
      images.set(bytes.subarray(start + form.labels, start + size), to * IMAGE_BYTES);
    }
  }
  return { images, labels };
}
