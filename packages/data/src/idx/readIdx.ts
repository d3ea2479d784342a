// Reads IDX files from disk, plain or gzipped. It detects gzip by the first bytes of a file, never by its name.
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync } from 'node:zlib';
import { codeOf, DataError, messageOf, shapeText } from '@isonet/core';
import {
  BYTES,
  type IdxArray,
  type IdxHeader,
  type IdxLabels,
  type IdxType,
  INTEGERS,
  MAX_IDX_BYTES,
  parseIdx,
  parseIdxHeader,
  parseIdxLabels,
} from './idx.ts';
import { fileExists, readBoundedFile } from '../readFile.ts';

const gunzipAsync = promisify(gunzip);

/** Enough compressed bytes for a gzip header and an IDX header. They inflate to at most 4 MB. */
const PREFIX_BYTES = 4096;

/**
 * Finds a file in a folder, plain or .gz. It also accepts the names that the original archives unpack to, with a dot:
 * `train-images.idx3-ubyte` for `train-images-idx3-ubyte`.
 * @returns its path; undefined if it does not exist
 * @throws DataError as `fileExists`
 */
export async function findIdx(folder: string, name: string): Promise<string | undefined> {
  const dotted = name.replace('-idx', '.idx');
  for (const file of [name, `${name}.gz`, dotted, `${dotted}.gz`]) {
    const path = join(folder, file);
    if (await fileExists(path)) return path;
  }
  return undefined;
}

/**
 * Reads an IDX file of uint8 elements and the given rank.
 * @throws DataError `FILE_MISSING`, `FILE_UNREADABLE`; as `parseIdx`; `IDX_GZIP` if the gzip stream is damaged.
 */
export async function readIdx(path: string, rank?: number): Promise<IdxArray> {
  return parseIdx(await readWhole(path, BYTES, rank), path, rank);
}

/**
 * Reads an IDX file of labels: uint8, int8, int16 or int32 elements, `[n]`.
 * @throws DataError as {@link readIdx}
 */
export async function readIdxLabels(path: string): Promise<IdxLabels> {
  return parseIdxLabels(await readWhole(path, INTEGERS, 1), path);
}

/** Reads the uncompressed bytes of a file. */
async function readWhole(
  path: string,
  types: readonly IdxType[],
  rank: number | undefined,
): Promise<Uint8Array> {
  const bytes = await readBoundedFile('idx', path, MAX_IDX_BYTES);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return bytes;
  return await inflate(bytes, path, peekHeader(bytes, path, types, rank));
}

/** Inflates no more than the IDX header declares, so that a small file cannot exhaust the memory. */
async function inflate(
  bytes: Uint8Array,
  path: string,
  { shape, totalBytes }: IdxHeader,
): Promise<Uint8Array> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: totalBytes, chunkSize: 1 << 20 });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new DataError(
        'IDX_TRAILING',
        `idx "${path}": expected ${totalBytes} bytes for ${shapeText(shape)}, got more; fetch the file again`,
        { cause },
      );
    }
    if (code === 'Z_BUF_ERROR') {
      throw new DataError(
        'IDX_TRUNCATED',
        `idx "${path}": truncated: the gzip stream ends early; fetch the file again`,
        {
          cause,
        },
      );
    }
    throw damaged(path, cause);
  }
}

function peekHeader(
  bytes: Uint8Array,
  path: string,
  types: readonly IdxType[],
  rank: number | undefined,
): IdxHeader {
  let start: Uint8Array;
  try {
    // SYNC_FLUSH returns the output so far, although the stream is incomplete.
    start = gunzipSync(bytes.subarray(0, PREFIX_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw damaged(path, cause);
  }
  return parseIdxHeader(start, path, types, rank);
}

function damaged(path: string, cause: unknown): DataError {
  return new DataError(
    'IDX_GZIP',
    `idx "${path}": damaged gzip data (${messageOf(cause)}); fetch the file again`,
    { cause },
  );
}
