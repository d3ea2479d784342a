// Determines how images are preprocessed for a network: as recorded in its run or its file, with the changes that a request
// makes.
import type { Background, Fit, ImageShape, Preprocessing } from '@isonet/data';
import { parseNormalization, preprocessing } from '@isonet/data';
import { unknownName, UsageError } from './errors.ts';
import { imageShapeOf } from './onnxModel/metadata.ts';

/** The preprocessing settings of a request. An omitted setting keeps the network's own. */
export interface PictureRequest {
  /** `imagenet`, `unit`, `none`, or `MEAN/STD`. */
  readonly normalize?: string;
  /** `contain`, `cover` or `fill`. */
  readonly fit?: string;
  /** The length of the shorter side before the centre crop, in pixels. */
  readonly resize?: number;
  /** `black` or `white`. */
  readonly background?: string;
  readonly invert?: boolean;
  /** Whether a damaged file is an error. Default false: it is skipped. */
  readonly strict?: boolean;
}

/** The input of {@link picturesOf}: a network, and what is known about its preprocessing. */
export interface PictureSource {
  /** The run folder or the file, as the user types it. */
  readonly shown: string;
  /** `[channels, height, width]` */
  readonly shape: readonly number[];
  /** The preprocessing recorded in a run or in the metadata of a file. */
  readonly known: Preprocessing | undefined;
  /** Whether the network comes from elsewhere, so that its normalization is unknown unless `known` is set. */
  readonly isExternal: boolean;
}

/** The ways to fit an image of a different aspect ratio to the network's input. */
export const FITS: readonly Fit[] = ['contain', 'cover', 'fill'];
/** The backgrounds around images and behind transparent ones. */
export const BACKGROUNDS: readonly Background[] = ['black', 'white'];

/**
 * Returns the complete preprocessing, from an image to the network's input.
 * @returns undefined for a network whose input is not an image of 1 or 3 channels
 * @throws UsageError if the normalization is missing or a setting is invalid; DataError `NORMALIZATION`, `PREPROCESSING`
 */
export function picturesOf(source: PictureSource, request: PictureRequest): Preprocessing | undefined {
  const { shown, known, isExternal } = source;
  const shape = imageShapeOf(source.shape);
  if (shape === undefined) {
    const given = SETTINGS.find((name) => request[name] !== undefined);
    if (given === undefined) return undefined;
    throw new UsageError(
      `--${given}: ${shown} has input shape [${source.shape.join(', ')}], but images have 1 or 3 channels: leave it out`,
    );
  }
  if (isExternal && known === undefined && request.normalize === undefined) {
    throw new UsageError(
      `${shown} does not specify how its images are normalized: add --normalize imagenet (as in torchvision and timm), unit (0 to 1), none (0 to 255) or MEAN/STD`,
    );
  }
  return made(shape, known ?? preprocessing(shape, isExternal ? { fit: 'cover' } : {}), request);
}

const SETTINGS = ['normalize', 'fit', 'resize', 'background', 'invert'] as const;

function made(shape: ImageShape, base: Preprocessing, request: PictureRequest): Preprocessing {
  const { normalize, resize = base.resize, invert = base.invert } = request;
  const fit = oneOf('fit', FITS, request.fit) ?? (request.resize === undefined ? base.fit : 'cover');
  const background = oneOf('background', BACKGROUNDS, request.background) ?? base.background;
  if (request.resize !== undefined && fit !== 'cover') {
    throw new UsageError(
      `--resize: applies to --fit cover, which crops to the centre: leave out one of them`,
    );
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
