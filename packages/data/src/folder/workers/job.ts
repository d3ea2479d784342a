// Reads, hashes, decodes and measures one image file, in a worker or on the calling thread.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { DataError } from '@isonet/core';
import { decodePixels } from '../../picture/decode.ts';
import { MAX_FILE_BYTES, type Picture, pictureOf } from '../../picture/image.ts';
import type { Preprocessing } from '../../preprocessing.ts';
import { readBoundedFile } from '../../readFile.ts';
import { type Measures, measuresOf } from './measures.ts';

/** A job: an image file, and the results to compute from it. */
export interface Job {
  readonly file: string;
  readonly preprocessing: Preprocessing;
  /** The stamp of the file when it was first read; a different one is an error. */
  readonly stamp?: Stamp;
  /** Whether to hash its contents. */
  readonly hash: boolean;
  /** Whether to measure its pixels. */
  readonly measure: boolean;
}

/** Detects changes of a file. */
export interface Stamp {
  /** In bytes. */
  readonly size: number;
  /** In milliseconds. */
  readonly modified: number;
}

/** The result of a job. */
export interface Answer extends Picture {
  readonly stamp: Stamp;
  /** The digest of the file, in hex; empty if it was not requested. */
  readonly sha256: string;
  readonly measures?: Measures;
}

/**
 * Performs a job.
 * @throws DataError `FILE_MISSING`, `FILE_UNREADABLE`, `IMAGE_UNREADABLE`, `DECODER_MISSING`; `DATA_CHANGED` if the file
 *   has changed
 */
export async function perform({ file, preprocessing, stamp, hash, measure }: Job): Promise<Answer> {
  const bytes = await readBoundedFile('image', file, MAX_FILE_BYTES);
  const { size, mtimeMs: modified } = await stat(file);
  if (stamp !== undefined && (stamp.size !== size || stamp.modified !== modified)) {
    throw new DataError(
      'DATA_CHANGED',
      `image "${file}": the file has changed since the data was loaded; load it again`,
    );
  }
  const sha256 = hash ? createHash('sha256').update(bytes).digest('hex') : '';
  const decoded = await decodePixels(bytes, file);
  return {
    ...pictureOf(decoded, preprocessing),
    ...(measure ? { measures: measuresOf(decoded.pixels) } : {}),
    stamp: { size, modified },
    sha256,
  };
}
