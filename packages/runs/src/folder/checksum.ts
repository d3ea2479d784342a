// A checksum over the tensors of a safetensors file, in its metadata: a bit that flips on a disk is found when the file is read.
import { createHash } from 'node:crypto';
import type { Metadata, Tensors } from '@isonet/core';
import { DataError } from '@isonet/core';

const NAME = 'sha256';

/** The metadata with the checksum of the tensors and of the metadata itself. */
export function withChecksum(tensors: Tensors, metadata: Metadata = {}): Metadata {
  return { ...metadata, [NAME]: digestOf(tensors, metadata) };
}

/**
 * Compares a file's checksum with what it holds. Files of isonet 0.3.0 and before, and of other programs, have none.
 * @throws DataError `CHECKSUM`
 */
export function verifyChecksum(tensors: Tensors, { [NAME]: sum, ...metadata }: Metadata, file: string): void {
  if (sum === undefined || sum === digestOf(tensors, metadata)) return;
  throw new DataError('CHECKSUM', `${file}: its checksum is not that of its contents: the file is damaged`);
}

/** In the order of the names, each with its type: the same tensors give the same digest. In hex. */
function digestOf(tensors: Tensors, metadata: Metadata): string {
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(metadata).toSorted(byName)));
  for (const [name, { dtype, shape, data }] of Object.entries(tensors).toSorted(byName)) {
    hash.update(JSON.stringify([name, dtype, shape])).update(data);
  }
  return hash.digest('hex');
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
