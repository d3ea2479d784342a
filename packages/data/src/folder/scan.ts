// Reads every picture of a listing once: its contents are hashed, and those that cannot be decoded are found before anything is
// trained.
import { DataError, messageOf } from '@isonet/core';
import type { Preprocessing } from '../preprocessing.ts';
import type { ListedPicture, Listing } from './listing.ts';
import type { Decoders } from './workers/decoders.ts';
import type { Answer } from './workers/job.ts';

/** A picture that cannot be decoded, and why. */
export interface SkippedPicture {
  /** Relative to the folder. */
  readonly path: string;
  readonly className: string;
  /** One line. */
  readonly error: string;
}

/** How far a scan is. */
export interface ScanProgress {
  readonly done: number;
  readonly total: number;
  /** Pictures that cannot be decoded, so far. */
  readonly skipped: number;
}

/** What stops a scan: an AbortSignal fits. */
export interface ScanSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
}

/** What a scan is asked. */
export interface ScanOptions {
  readonly preprocessing: Preprocessing;
  readonly measure: boolean;
  readonly signal?: ScanSignal;
  readonly onProgress?: (progress: ScanProgress) => void;
  /** Takes each picture, in any order. */
  readonly onPicture: (picture: ListedPicture, answer: Answer) => void;
}

/**
 * Reads every picture. @returns those that cannot be read or decoded, in the listing's order
 * @throws DataError `DECODER_MISSING`; the signal's reason where that is an error, otherwise `STOPPED`
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
        onPicture(picture, await decoders.do({ file, preprocessing, hash: true, measure }));
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
  return reason instanceof Error ? reason : new DataError('STOPPED', `pictures in "${folder}": stopped`);
}

/** Whether an error says something of one file; anything else stops the scan. */
function isOfFile(error: unknown): boolean {
  const codes = ['FILE_MISSING', 'FILE_UNREADABLE', 'IMAGE_UNREADABLE'];
  return error instanceof DataError && codes.includes(error.code);
}
