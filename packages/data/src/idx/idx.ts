// Parses IDX, the format of MNIST and its descendants: two zero bytes, an element type, a rank, the dimensions as
// big-endian uint32, and the elements, row-major and big-endian. Supports uint8 elements, and any integer type for labels.
// readIdx.ts reads files and gzip.
import { DataError, shapeText, sizeOf } from '@isonet/core';
import type { LabelArray } from '../dataset.ts';

/** A parsed IDX file of uint8 elements. */
export interface IdxArray {
  /** `[n, height, width]` for images. */
  readonly shape: readonly number[];
  /** The elements, row-major, `sizeOf(shape)` bytes: a view of the parsed bytes, not a copy. */
  readonly data: Uint8Array;
}

/** A parsed IDX file of labels. */
export interface IdxLabels {
  /** `[n]` */
  readonly shape: readonly number[];
  /** `[n]`: a view of the parsed bytes for uint8 elements, a copy for other integers. */
  readonly data: LabelArray;
}

/** A supported element type. */
export interface IdxType {
  /** The third byte of the file. */
  readonly code: number;
  readonly name: string;
  /** The size of an element, in bytes. */
  readonly bytes: number;
  /** Reads the element at a byte offset. */
  readonly read: (view: DataView, offset: number) => number;
}

/** The header of an IDX file. */
export interface IdxHeader {
  readonly type: IdxType;
  readonly shape: readonly number[];
  /** The length of the header, in bytes. */
  readonly headerBytes: number;
  /** The length of the header and the elements, in bytes. */
  readonly totalBytes: number;
}

/**
 * The maximum size, far above that of any dataset in this format (Fashion-MNIST is 47 MB). A header that declares more
 * is treated as damaged.
 */
export const MAX_IDX_BYTES: number = 2 ** 30;

const UINT8: IdxType = {
  code: 0x08,
  name: 'uint8',
  bytes: 1,
  read: (view, offset) => view.getUint8(offset),
};

/** The element type of images. */
export const BYTES: readonly IdxType[] = [UINT8];

/** The element types of labels: every integer type of the format. */
export const INTEGERS: readonly IdxType[] = [
  UINT8,
  { code: 0x09, name: 'int8', bytes: 1, read: (view, offset) => view.getInt8(offset) },
  { code: 0x0b, name: 'int16', bytes: 2, read: (view, offset) => view.getInt16(offset) },
  { code: 0x0c, name: 'int32', bytes: 4, read: (view, offset) => view.getInt32(offset) },
];

const MAX_RANK = 4;

/**
 * Parses a complete, uncompressed IDX file of uint8 elements, without copying them.
 * @param file the file's name, for errors
 * @param rank the required rank: 3 for images [n, height, width], 1 for labels [n]
 * @throws DataError `IDX_FORMAT` if it is not an IDX file of uint8; `IDX_RANK` if it has a different rank; `IDX_SIZE`
 *   if a dimension is 0 or the elements would exceed 1 GiB; `IDX_TRUNCATED` if elements are missing; `IDX_TRAILING` if
 *   bytes follow them
 */
export function parseIdx(bytes: Uint8Array, file: string, rank?: number): IdxArray {
  const { header, elements } = split(bytes, file, BYTES, rank);
  return { shape: header.shape, data: elements };
}

/**
 * Parses a complete, uncompressed IDX file of labels: uint8, int8, int16 or int32 elements, `[n]`. The range of the labels
 * is checked when a dataset is created from them.
 * @param file the file's name, for errors
 * @throws DataError as {@link parseIdx}
 */
export function parseIdxLabels(bytes: Uint8Array, file: string): IdxLabels {
  const { header, elements } = split(bytes, file, INTEGERS, 1);
  const { type, shape } = header;
  if (type === UINT8) return { shape, data: elements };
  const view = new DataView(elements.buffer, elements.byteOffset, elements.byteLength);
  return {
    shape,
    data: Int32Array.from({ length: sizeOf(shape) }, (_, i) => type.read(view, i * type.bytes)),
  };
}

/** Splits a complete file into its header and its elements, without copying them. */
function split(
  bytes: Uint8Array,
  file: string,
  types: readonly IdxType[],
  rank: number | undefined,
): { readonly header: IdxHeader; readonly elements: Uint8Array } {
  const header = parseIdxHeader(bytes, file, types, rank);
  const { shape, headerBytes, totalBytes } = header;
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
  return { header, elements: bytes.subarray(headerBytes) };
}

/**
 * Parses only the header, from the first bytes of a file (20 are always enough).
 * @param types the element types that the caller supports
 * @throws DataError `IDX_FORMAT` if it is not an IDX file with one of these types; `IDX_RANK` if it has a different
 *   rank; `IDX_SIZE` if a dimension is 0 or the elements would exceed 1 GiB; `IDX_TRUNCATED` if the bytes end within
 *   the header.
 */
export function parseIdxHeader(
  bytes: Uint8Array,
  file: string,
  types: readonly IdxType[],
  rank?: number,
): IdxHeader {
  const failure = (code: string, problem: string): DataError =>
    new DataError(code, `idx "${file}": ${problem}`);
  if (bytes.length < 4) {
    throw failure(
      'IDX_TRUNCATED',
      `truncated: expected a header of at least 4 bytes, got ${bytes.length}; fetch the file again`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0) {
    throw failure(
      'IDX_FORMAT',
      `not an IDX file: expected it to start with 00 00, got ${hex(bytes.subarray(0, 2))}`,
    );
  }
  const code = view.getUint8(2);
  const type = types.find((known) => known.code === code);
  if (!type) {
    const known = types.map((each) => `${hex([each.code])} (${each.name})`).join(', ');
    throw failure(
      'IDX_FORMAT',
      `expected elements of type ${known}, got ${hex([code])}; other types are not supported`,
    );
  }
  const got = view.getUint8(3);
  if (got < 1 || got > MAX_RANK)
    throw failure('IDX_RANK', `expected a rank from 1 to ${MAX_RANK}, got ${got}`);
  if (rank !== undefined && got !== rank) {
    throw failure(
      'IDX_RANK',
      `expected rank ${rank}, got ${got}; images have rank 3, labels 1: check that the files are not swapped`,
    );
  }
  const headerBytes = 4 + 4 * got;
  if (bytes.length < headerBytes) {
    throw failure(
      'IDX_TRUNCATED',
      `truncated: expected a header of ${headerBytes} bytes, got ${bytes.length}; fetch the file again`,
    );
  }
  const shape = Array.from({ length: got }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elementBytes = sizeOf(shape) * type.bytes;
  if (shape.includes(0) || elementBytes > MAX_IDX_BYTES) {
    throw failure(
      'IDX_SIZE',
      `expected dimensions of at least 1 and at most ${MAX_IDX_BYTES} bytes in total, got ${shapeText(shape)}`,
    );
  }
  return { type, shape, headerBytes, totalBytes: headerBytes + elementBytes };
}

/**
 * Encodes uint8 elements as an IDX file, which {@link parseIdx} reads.
 * @throws DataError `IDX_RANK` for a rank outside 1 to 4; `IDX_SIZE` if `shape` does not fit `data`.
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
  view.setUint8(2, UINT8.code);
  view.setUint8(3, shape.length);
  shape.forEach((dim, axis) => view.setUint32(4 + 4 * axis, dim));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
