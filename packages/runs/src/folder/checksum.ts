// A checksum over the tensors of a safetensors file, kept in its metadata, so that reading the file detects bit flips on
// the disk.
import { createHash } from 'node:crypto';
import type { Metadata, Tensors } from '@isonet/core';
import { DataError } from '@isonet/core';

const NAME = 'sha256';

/** Returns the metadata with a checksum of the tensors and of the metadata itself. */
export function withChecksum(tensors: Tensors, metadata: Metadata = {}): Metadata {
  return { ...metadata, [NAME]: digestOf(tensors, metadata) };
}

/**
 * Verifies a file's checksum. Files from isonet 0.3.0 and earlier, and from other programs, have none and pass.
 * @throws DataError `CHECKSUM`
 */
export function verifyChecksum(tensors: Tensors, { [NAME]: sum, ...metadata }: Metadata, file: string): void {
  if (sum === undefined || sum === digestOf(tensors, metadata)) return;
  throw new DataError('CHECKSUM', `${file}: the checksum does not match the contents: the file is damaged`);
}

/** Returns the SHA-256 of the metadata and the tensors, in hex. It does not depend on their order. */
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
