// IDX, the format of MNIST and its descendants: two zero bytes, an element type, a rank, the dimensions as big-endian
// uint32, the elements row-major. Bytes in, array out; uint8 elements only. readIdx.ts reads files and gzip.
import { DataError, shapeText, sizeOf } from '@isonet/core';

export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major, `sizeOf(shape)` bytes: a view of the parsed bytes, no copy. */
  readonly data: Uint8Array;
}

export interface IdxHeader {
  readonly shape: readonly number[];
  /** How long header and elements are together. */
  readonly totalBytes: number;
}

/** Far above any dataset in this format (Fashion-MNIST: 47 MB): a header that promises more is taken for damage. */
export const MAX_IDX_BYTES: number = 2 ** 30;

const UINT8 = 0x08;
const MAX_RANK = 4;

/**
 * Parses a whole, uncompressed IDX file.
 * @param file names the file in errors
 * @param rank the rank that the caller can use: 3 for images [n, height, width], 1 for labels [n]
 * @throws DataError `IDX_FORMAT`, `IDX_RANK`, `IDX_SIZE` as {@link parseIdxHeader}; `IDX_TRUNCATED` when elements are
 * missing; `IDX_TRAILING` when bytes follow them.
 */
export function parseIdx(bytes: Uint8Array, file: string, rank?: number): IdxArray {
  const { shape, totalBytes } = parseIdxHeader(bytes, file, rank);
  if (bytes.length < totalBytes) {
    throw new DataError(
      'IDX_TRUNCATED',
      `idx "${file}": truncated: expected ${totalBytes} bytes for ${shapeText(shape)}, got ${bytes.length}; fetch the file again`,
    );
  }
  if (bytes.length > totalBytes) {
    throw new DataError(
      'IDX_TRAILING',
      `idx "${file}": expected ${totalBytes} bytes for ${shapeText(shape)}, got more; fetch the file again`,
    );
  }
  return { shape, data: bytes.subarray(4 + 4 * shape.length) };
}

/**
 * Reads the header alone, from the first bytes of a file (20 are always enough).
 * @throws DataError `IDX_FORMAT` when it is not an IDX file of uint8 elements; `IDX_RANK` when the rank is not the wanted
 * one; `IDX_SIZE` when a dimension is 0 or the elements would fill more than 1 GiB; `IDX_TRUNCATED` when the bytes end
 * within the header.
 */
export function parseIdxHeader(bytes: Uint8Array, file: string, rank?: number): IdxHeader {
  const fail = (code: string, problem: string): never => {
    throw new DataError(code, `idx "${file}": ${problem}`);
  };
  if (bytes.length < 4) {
    fail(
      'IDX_TRUNCATED',
      `truncated: expected a header of 4 bytes and more, got ${bytes.length}; fetch the file again`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0) {
    fail('IDX_FORMAT', `not an IDX file: expected it to begin with 00 00, got ${hex(bytes.subarray(0, 2))}`);
  }
  const type = view.getUint8(2);
  if (type !== UINT8) {
    fail('IDX_FORMAT', `expected elements of type 08 (uint8), got ${hex([type])}; other types are not read`);
  }
  const got = view.getUint8(3);
  if (got < 1 || got > MAX_RANK) fail('IDX_RANK', `expected a rank from 1 to ${MAX_RANK}, got ${got}`);
  if (rank !== undefined && got !== rank) {
    fail(
      'IDX_RANK',
      `expected rank ${rank}, got ${got}; images have rank 3, labels 1: are the files exchanged?`,
    );
  }
  const headerBytes = 4 + 4 * got;
  if (bytes.length < headerBytes) {
    fail(
      'IDX_TRUNCATED',
      `truncated: expected a header of ${headerBytes} bytes, got ${bytes.length}; fetch the file again`,
    );
  }
  const shape = Array.from({ length: got }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0) || sizeOf(shape) > MAX_IDX_BYTES) {
    fail(
      'IDX_SIZE',
      `expected dimensions of 1 and more, at most ${MAX_IDX_BYTES} bytes in all, got ${shapeText(shape)}`,
    );
  }
  return { shape, totalBytes: headerBytes + sizeOf(shape) };
}

/**
 * The bytes of an IDX file of uint8 elements: what {@link parseIdx} reads.
 * @throws DataError `IDX_RANK` for a rank outside 1 to 4; `IDX_SIZE` when `shape` does not fit `data`.
 */
export function encodeIdx(shape: readonly number[], data: Uint8Array): Uint8Array {
  if (shape.length < 1 || shape.length > MAX_RANK) {
    throw new DataError('IDX_RANK', `idx: expected a rank from 1 to ${MAX_RANK}, got ${shape.length}`);
  }
  const whole = shape.every((dim) => Number.isInteger(dim) && dim >= 1);
  if (!whole || sizeOf(shape) !== data.length || data.length > MAX_IDX_BYTES) {
    throw new DataError(
      'IDX_SIZE',
      `idx: expected 1 to ${MAX_IDX_BYTES} bytes for ${shapeText(shape)}, got ${data.length}`,
    );
  }
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(2, UINT8);
  view.setUint8(3, shape.length);
  shape.forEach((dim, axis) => view.setUint32(4 + 4 * axis, dim));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
