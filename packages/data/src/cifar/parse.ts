// Parses the binary version of CIFAR: each record is one label (CIFAR-100: a coarse and a fine one) and 32x32 bytes each of
// red, green and blue, row by row. There is no header; the file's length determines the number of records.
// https://www.cs.toronto.edu/~kriz/cifar.html
import { DataError } from '@isonet/core';
import type { ImageShape } from '../imageShape.ts';

export const CIFAR_IMAGE_SHAPE: ImageShape = [3, 32, 32];
const IMAGE_BYTES = 3 * 32 * 32;

/** The layout of a record. */
export interface RecordForm {
  /** The number of labels before the image. */
  readonly labels: 1 | 2;
  /** The index of the label to use, from 0. */
  readonly label: 0 | 1;
  readonly classes: number;
}

/** The images and the labels of records, separated. */
export interface CifarRecords {
  /** `[n, 3, 32, 32]` */
  readonly images: Uint8Array;
  /** `[n]` */
  readonly labels: Uint8Array;
}

/** Returns the length of `count` records, in bytes. */
export function recordBytes({ labels }: Pick<RecordForm, 'labels'>, count: number): number {
  return count * (labels + IMAGE_BYTES);
}

/**
 * Separates the images and labels of the records in some files, in their order.
 * @throws DataError `CIFAR_SIZE` if a file is empty or not a multiple of the record size; `CIFAR_LABEL` for a label that is
 *   not below `classes`, naming the file and the record
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
      `cifar "${path}": expected one or more records of ${size} bytes, got ${bytes.length} bytes; fetch the file again`,
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
          `cifar "${path}": record ${start / size}: expected a label from 0 to ${form.classes - 1}, got ${label}; check that it is the binary version of CIFAR-${form.classes === 10 ? 10 : 100}`,
        );
      }
      labels[to] = label;
      images.set(bytes.subarray(start + form.labels, start + size), to * IMAGE_BYTES);
    }
  }
  return { images, labels };
}
