// How the pictures of a request become what a network takes: as its run or its file says, changed where the request asks for it.
import type { Background, Fit, ImageShape, Preprocessing } from '@isonet/data';
import { parseNormalization, preprocessing } from '@isonet/data';
import { unknownName, UsageError } from './errors.ts';
import { imageShapeOf } from './onnxModel/metadata.ts';

/** What a request says of its pictures. What is left out is as the network has it. */
export interface PictureRequest {
  /** `imagenet`, `unit`, `none`, or `MEAN/STD`. */
  readonly normalize?: string;
  /** `contain`, `cover` or `fill`. */
  readonly fit?: string;
  /** The shorter side before the middle is cut out, in pixels. */
  readonly resize?: number;
  /** `black` or `white`. */
  readonly background?: string;
  readonly invert?: boolean;
  /** A file that is damaged ends the command, instead of being left out. */
  readonly strict?: boolean;
}

/** What {@link picturesOf} starts from. */
export interface PictureSource {
  /** As people type it. */
  readonly shown: string;
  /** `[channels, height, width]` */
  readonly shape: readonly number[];
  /** Of a run, or in the metadata of a file. */
  readonly known: Preprocessing | undefined;
  /** Whether nothing is known of how the network's pictures were normalized unless it is `known`. */
  readonly isForeign: boolean;
}

/** How a picture of other proportions comes to the network's size. */
export const FITS: readonly Fit[] = ['contain', 'cover', 'fill'];
/** What lies around pictures and behind transparent ones. */
export const BACKGROUNDS: readonly Background[] = ['black', 'white'];

/**
 * The whole way from a picture to the network's input.
 * @returns undefined for a network that takes no pictures, which have 1 or 3 channels
 * @throws UsageError where the normalization has to be given, or a setting makes no sense; DataError `NORMALIZATION`, `PREPROCESSING`
 */
export function picturesOf(source: PictureSource, request: PictureRequest): Preprocessing | undefined {
  const { shown, known, isForeign } = source;
  const shape = imageShapeOf(source.shape);
  if (shape === undefined) {
    const given = SETTINGS.find((name) => request[name] !== undefined);
    if (given === undefined) return undefined;
    throw new UsageError(
      `--${given}: ${shown} takes [${source.shape.join(', ')}]: pictures have 1 or 3 channels; leave it out`,
    );
  }
  if (isForeign && known === undefined && request.normalize === undefined) {
    throw new UsageError(
      `${shown} does not say how its pictures are normalized: add --normalize imagenet (as torchvision and timm), unit (0 to 1), none (0 to 255) or MEAN/STD`,
    );
  }
  return made(shape, known ?? preprocessing(shape, isForeign ? { fit: 'cover' } : {}), request);
}

const SETTINGS = ['normalize', 'fit', 'resize', 'background', 'invert'] as const;

function made(shape: ImageShape, base: Preprocessing, request: PictureRequest): Preprocessing {
  const { normalize, resize = base.resize, invert = base.invert } = request;
  const fit = oneOf('fit', FITS, request.fit) ?? (request.resize === undefined ? base.fit : 'cover');
  const background = oneOf('background', BACKGROUNDS, request.background) ?? base.background;
  if (request.resize !== undefined && fit !== 'cover') {
    throw new UsageError(`--resize: is of --fit cover, which cuts out the middle: leave out one of them`);
  }
  return preprocessing(shape, {
    fit,
    background,
    invert,
    normalize:
      normalize === undefined ? { mean: base.mean, std: base.std } : parseNormalization(normalize, shape[0]),
    ...(fit === 'cover' && resize !== undefined ? { resize } : {}),
  });
}

function oneOf<Word extends string>(
  option: string,
  words: readonly Word[],
  given: string | undefined,
): Word | undefined {
  if (given === undefined) return undefined;
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw unknownName(`--${option}`, given, words);
}
