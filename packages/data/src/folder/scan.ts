// Reads every image file of a listing once, to hash its contents and to find files that cannot be decoded before training
// starts.
import { DataError, messageOf } from '@isonet/core';
import type { Preprocessing } from '../preprocessing.ts';
import type { ListedPicture, Listing } from './listing.ts';
import type { Decoders } from './workers/decoders.ts';
import type { Answer } from './workers/job.ts';

/** An image file that cannot be decoded, and the reason. */
export interface SkippedPicture {
  /** The path relative to the folder. */
  readonly path: string;
  readonly className: string;
  /** The error message, one line. */
  readonly error: string;
}

/** The progress of a scan. */
export interface ScanProgress {
  readonly done: number;
  readonly total: number;
  /** The number of undecodable files so far. */
  readonly skipped: number;
}

/** A signal that stops a scan, e.g. an AbortSignal. */
export interface ScanSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
}

/** Options of {@link scan}. */
export interface ScanOptions {
  readonly preprocessing: Preprocessing;
  readonly measure: boolean;
  readonly signal?: ScanSignal;
  readonly onProgress?: (progress: ScanProgress) => void;
  /** Called for each decoded image, in any order. */
  readonly onPicture: (picture: ListedPicture, answer: Answer) => void;
}

/**
 * Reads every image file of a listing.
 * @returns the files that cannot be read or decoded, in the listing's order
 * @throws DataError `DECODER_MISSING`; the signal's reason if it is an error, otherwise `STOPPED`
 */
export async function scan(
  listing: Listing,
  decoders: Decoders,
  { preprocessing, measure, signal, onProgress, onPicture }: ScanOptions,
): Promise<readonly SkippedPicture[]> {
  const { pictures, classes } = listing;
  const skipped = new Map<number, SkippedPicture>();
  let [next, done] = [0, 0];
  const lane = async (): Promise<void> => {
    for (let i = next++; i < pictures.length; i = next++) {
      if (signal?.aborted) throw stopped(signal, listing.folder);
      const picture = pictures[i]!;
      try {
        const { file } = picture;
        onPicture(picture, await decoders.run({ file, preprocessing, hash: true, measure }));
      } catch (error) {
        if (!isOfFile(error)) throw error;
        const { path, label } = picture;
        skipped.set(i, { path, className: classes[label]!, error: messageOf(error) });
      }
      onProgress?.({ done: ++done, total: pictures.length, skipped: skipped.size });
    }
  };
  await Promise.all(Array.from({ length: decoders.parallel }, lane));
  return [...skipped].toSorted(([a], [b]) => a - b).map(([, picture]) => picture);
}

function stopped({ reason }: ScanSignal, folder: string): Error {
  return reason instanceof Error ? reason : new DataError('STOPPED', `images in "${folder}": stopped`);
}

/** Returns whether an error concerns a single file; any other error stops the scan. */
function isOfFile(error: unknown): boolean {
  const codes = ['FILE_MISSING', 'FILE_UNREADABLE', 'IMAGE_UNREADABLE'];
  return error instanceof DataError && codes.includes(error.code);
}
