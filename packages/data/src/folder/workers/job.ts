// Reads, hashes, decodes and measures one picture file, in a worker or on the calling thread.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { DataError } from '@isonet/core';
import { decodePixels } from '../../picture/decode.ts';
import { MAX_FILE_BYTES, type Picture, pictureOf } from '../../picture/image.ts';
import type { Preprocessing } from '../../preprocessing.ts';
import { readBoundedFile } from '../../readFile.ts';
import { type Measures, measuresOf } from './measures.ts';

/** A picture file, and what is wanted of it. */
export interface Job {
  readonly file: string;
  readonly preprocessing: Preprocessing;
  /** What the file was when it was first read; another one is an error. */
  readonly stamp?: Stamp;
  /** Whether its contents are hashed. */
  readonly hash: boolean;
  /** Whether its pixels are measured. */
  readonly measure: boolean;
}

/** What changes when a file does. */
export interface Stamp {
  /** In bytes. */
  readonly size: number;
  /** In milliseconds. */
  readonly modified: number;
}

/** A picture file that was read. */
export interface Answer extends Picture {
  readonly stamp: Stamp;
  /** Of the file, in hex; empty where it was not asked for. */
  readonly sha256: string;
  readonly measures?: Measures;
}

/**
 * Does a job.
 * @throws DataError `FILE_MISSING`, `FILE_UNREADABLE`, `IMAGE_UNREADABLE`, `DECODER_MISSING`; `DATA_CHANGED` when the file is another
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
