// Describes a folder of image files by decoding all of them once: the content of `isonet data`.
import { DataError } from '@isonet/core';
import type { Normalization } from '../../normalization.ts';
import type { PictureChannels } from '../../picture/decode.ts';
import { placementOf } from '../../picture/placement.ts';
import { type Preprocessing, preprocessing } from '../../preprocessing.ts';
import { listImageFolder } from '../list.ts';
import type { ListedPicture, Listing, Part } from '../listing.ts';
import { scan, type ScanProgress, type ScanSignal, type SkippedPicture } from '../scan.ts';
import { Decoders, workersFor } from '../workers/decoders.ts';
import type { Answer } from '../workers/job.ts';
import { type Duplicates, duplicatesOf, type Hashed } from './duplicates.ts';
import { Levels } from './levels.ts';

/** Options of {@link describeImageFolder}. */
export interface DescribeOptions {
  /** As in `loadImageFolder`. */
  readonly manifest?: string;
  readonly workers?: number;
  /**
   * A signal, such as an AbortSignal. Once it is aborted, decoding stops with its reason, or with a DataError
   * `STOPPED`.
   */
  readonly signal?: ScanSignal;
  readonly onProgress?: (progress: ScanProgress) => void;
  /** The number of thumbnails per class. Default 0. */
  readonly thumbnails?: number;
}

/** The contents of a folder of images. */
export interface FolderReport {
  readonly folder: string;
  /** The number of images that can be decoded. */
  readonly pictures: number;
  readonly classes: readonly ClassReport[];
  readonly width: Spread;
  readonly height: Spread;
  /** The number of images by format, most frequent first. */
  readonly formats: Readonly<Record<string, number>>;
  /** The number of images by the channels of their files. */
  readonly channels: Readonly<Partial<Record<PictureChannels, number>>>;
  /** The number of images with equal red, green and blue in every pixel, including those stored in colour. */
  readonly grey: number;
  /**
   * Means and standard deviations of the images' original pixels, composited over black, with equal weight for each
   * image.
   */
  readonly normalization: { readonly colour: Normalization; readonly grey: Normalization };
  readonly duplicates: Duplicates;
  /** The images that cannot be read or decoded. */
  readonly unreadable: readonly SkippedPicture[];
  /** The paths of images that are blank over black: ink on a transparent background. */
  readonly inkLost: readonly string[];
  /** Ignored files, one line each. */
  readonly notes: readonly string[];
  readonly thumbnails: readonly Thumbnail[];
}

/** A class in a report. */
export interface ClassReport {
  readonly name: string;
  readonly pictures: number;
  /** The number of images by part, if the folder is divided. */
  readonly parts: Readonly<Partial<Record<Part, number>>>;
  readonly unreadable: number;
}

/** The minimum, median and maximum of some values. */
export interface Spread {
  readonly min: number;
  /** The lower one if there are two medians. */
  readonly median: number;
  readonly max: number;
}

/** A small version of an image. */
export interface Thumbnail {
  readonly path: string;
  readonly label: number;
  /** The width of the original image, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The pixels of the thumbnail: `[3, height, width]`, bytes. */
  readonly image: Uint8Array;
  readonly shape: readonly [channels: number, height: number, width: number];
}

/** The longer side of a thumbnail, in pixels. */
const SIDE = 96;
/** The maximum for all classes together, so that a browser can open the page. */
const MAX_THUMBNAILS = 3000;

/**
 * Decodes every image of a folder and reports its contents.
 * @throws DataError as `loadImageFolder`; `DATA_FOLDER` if no image can be decoded
 */
export async function describeImageFolder(
  folder: string,
  options: DescribeOptions = {},
): Promise<FolderReport> {
  const listing = await listImageFolder(folder, options.manifest);
  await using decoders = new Decoders(options.workers ?? workersFor(listing.pictures.length));
  const { signal, onProgress } = options;
  const chosen = chosenThumbnails(listing, options.thumbnails ?? 0);
  const small = preprocessing([3, SIDE, SIDE]);
  const found = new Map<ListedPicture, Seen>();
  const thumbnails = new Map<ListedPicture, Thumbnail>();
  const levels = new Levels();
  const unreadable = await scan(listing, decoders, {
    preprocessing: small,
    measure: true,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
    onPicture: (picture, answer) => {
      const { measures, width, height, format, channels, inkLost, sha256 } = answer;
      if (measures === undefined) return; // Never happens: the job requests them.
      found.set(picture, {
        width,
        height,
        format,
        channels,
        inkLost,
        isGrey: measures.isGrey,
        hashed: {
          path: picture.path,
          label: picture.label,
          part: picture.part,
          sha256,
          pixels: measures.pixels,
        },
      });
      levels.add(picture.path, measures);
      if (chosen.has(picture)) thumbnails.set(picture, thumbnailOf(picture, answer, small));
    },
  });
  const pictures = listing.pictures.filter((picture) => found.has(picture));
  const seen = pictures.map((picture) => found.get(picture)!);
  if (seen.length === 0) {
    const [first] = unreadable;
    const why = first === undefined ? '' : `: ${first.error}`;
    throw new DataError(
      'DATA_FOLDER',
      `images in "${folder}": none of ${listing.pictures.length} can be decoded${why}`,
    );
  }
  return {
    folder,
    pictures: seen.length,
    classes: classReports(listing, pictures, unreadable),
    width: spreadOf(seen.map(({ width }) => width)),
    height: spreadOf(seen.map(({ height }) => height)),
    formats: countsOf(seen.map(({ format }) => format)),
    channels: countsOf(seen.map(({ channels }) => channels)),
    grey: seen.filter(({ isGrey }) => isGrey).length,
    normalization: levels.normalization(),
    duplicates: duplicatesOf(seen.map(({ hashed }) => hashed)),
    unreadable,
    inkLost: seen.filter(({ inkLost }) => inkLost).map(({ hashed }) => hashed.path),
    notes: listing.notes,
    thumbnails: pictures.flatMap((picture) => {
      const thumbnail = thumbnails.get(picture);
      return thumbnail === undefined ? [] : [thumbnail];
    }),
  };
}

interface Seen extends Pick<Answer, 'width' | 'height' | 'format' | 'channels' | 'inkLost'> {
  readonly isGrey: boolean;
  readonly hashed: Hashed;
}

/** Chooses the same number of images from each class, evenly spaced. */
function chosenThumbnails({ classes, pictures }: Listing, wanted: number): ReadonlySet<ListedPicture> {
  const most = Math.min(wanted, Math.max(1, Math.floor(MAX_THUMBNAILS / classes.length)));
  const ofClass = classes.map((): ListedPicture[] => []);
  for (const picture of pictures) ofClass[picture.label]!.push(picture);
  const chosen = ofClass.slice(0, MAX_THUMBNAILS).flatMap((members) => {
    const count = Math.min(most, members.length);
    return Array.from({ length: count }, (_, i) => members[Math.floor((i * members.length) / count)]!);
  });
  return new Set(chosen);
}

/** Builds a thumbnail without the background around it. */
function thumbnailOf(
  { path, label }: ListedPicture,
  { image, width, height }: Answer,
  small: Preprocessing,
): Thumbnail {
  const { window, at } = placementOf({ width, height }, small);
  const inner = new Uint8Array(3 * window.height * window.width);
  for (let row = 0; row < 3 * window.height; row++) {
    const [c, y] = [Math.floor(row / window.height), row % window.height];
    const start = (c * SIDE + at.top + y) * SIDE + at.left;
    inner.set(image.subarray(start, start + window.width), row * window.width);
  }
  return { path, label, width, height, image: inner, shape: [3, window.height, window.width] };
}

function classReports(
  { classes, pictures: all }: Listing,
  pictures: readonly ListedPicture[],
  unreadable: readonly SkippedPicture[],
): readonly ClassReport[] {
  const counts = classes.map(() => ({
    pictures: 0,
    parts: {} as Partial<Record<Part, number>>,
    unreadable: 0,
  }));
  for (const { label, part } of pictures) {
    const own = counts[label]!;
    own.pictures++;
    if (part !== undefined) own.parts[part] = 1 + (own.parts[part] ?? 0);
  }
  const lost = new Set(unreadable.map(({ path }) => path));
  for (const { label, path } of all) if (lost.has(path)) counts[label]!.unreadable++;
  return classes.map((name, label) => ({ name, ...counts[label]! }));
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index]!; // There is at least one.
  return { min: at(0), median: at((sorted.length - 1) >> 1), max: at(sorted.length - 1) };
}

/** Counts equal keys, most frequent first. */
function countsOf<Key extends string>(keys: readonly Key[]): Readonly<Record<Key, number>> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, 1 + (counts.get(key) ?? 0));
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a)) as Record<Key, number>;
}
