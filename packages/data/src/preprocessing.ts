// The preprocessing of images, from file to tensor, as one value. Runs and exported files store it, so that a deployed
// network sees the same pixels as in training. The modules in picture/ implement it.
import { checkGiven, DataError, fieldsOf, type Form, type Forms, shapeText } from '@isonet/core';
import type { ImageShape } from './imageShape.ts';
import { imageBytes } from './imageShape.ts';
import { isMean, isStd, type Normalization, parseNormalization } from './normalization.ts';

/** How an image of a different aspect ratio is fitted to the network's input. */
export type Fit = 'contain' | 'cover' | 'fill';

/** The colour behind transparent pixels, and around an image that is fitted with `contain`. */
export type Background = 'black' | 'white';

/** The preprocessing from image file to tensor; see the table in the package's README. */
export interface Preprocessing extends Normalization {
  /** `[channels, height, width]` of the network's input: 1 channel for grey, or 3 for sRGB. */
  readonly shape: ImageShape;
  /**
   * - `contain`: scale to fit inside, centred, with `background` around it
   * - `cover`: scale to cover, then crop the centre
   * - `fill`: stretch
   */
  readonly fit: Fit;
  /**
   * With `cover`: the length in pixels to which the shorter side is scaled before the centre is cropped. 256 with a
   * `shape` of 224x224 is torchvision's `Resize(256)` and `CenterCrop(224)`. Must be at least the height and the width
   * of `shape`. Default: the smallest size that covers it.
   */
  readonly resize?: number;
  /**
   * The background in the result. With `invert`, the image is composited over the opposite colour before it is
   * inverted.
   */
  readonly background: Background;
  /** Whether to invert the image: for dark ink on paper, if the network was trained on light shapes on black. */
  readonly invert: boolean;
}

/** Options of {@link preprocessing}. */
export interface PreprocessingOptions {
  /** Default `contain`, or `cover` if `resize` is given. */
  readonly fit?: Fit;
  readonly resize?: number;
  /** Default black. */
  readonly background?: Background;
  /** Default false. */
  readonly invert?: boolean;
  /** A name, `MEAN/STD`, or the values. Default `unit`. */
  readonly normalize?: string | Normalization;
}

/** A {@link Preprocessing} in JSON. */
export interface PreprocessingJson extends Preprocessing {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
}

const FORMAT = 'isonet-preprocessing';
const VERSION = 1;
const FITS: readonly Fit[] = ['contain', 'cover', 'fill'];
const BACKGROUNDS: readonly Background[] = ['black', 'white'];
const MAX_SIDE = 16_384;
/** The maximum length of the JSON text, which normally has a few hundred characters. */
const MAX_TEXT = 65_536;
const FIELDS: readonly string[] = ['shape', 'fit', 'resize', 'background', 'invert', 'mean', 'std'];

/** `checked` validates the values of the options. */
const ANY: Form = { text: 'an option', fits: () => true };
const OPTIONS: Forms<PreprocessingOptions> = {
  fit: ANY,
  resize: ANY,
  background: ANY,
  invert: ANY,
  normalize: ANY,
};

/**
 * Creates the preprocessing for a network with input `shape`, `[channels, height, width]`. By default, images are fitted
 * inside, over black, with values from 0 to 1.
 * @throws DataError `PREPROCESSING` for an invalid option, `OPTION` for an unknown one; `NORMALIZATION`
 *   as {@link parseNormalization}
 */
export function preprocessing(shape: ImageShape, options: PreprocessingOptions = {}): Preprocessing {
  checkGiven('preprocessing', { options: [fieldsOf(OPTIONS), options] });
  const { resize, invert = false, background = 'black', normalize = 'unit' } = options;
  const [channels] = shape;
  const { fit = resize === undefined ? 'contain' : 'cover' } = options;
  return checked(
    {
      shape: [...shape],
      fit,
      background,
      invert,
      ...(resize === undefined ? {} : { resize }),
      ...(typeof normalize === 'string' ? parseNormalization(normalize, channels) : normalize),
    },
    'preprocessing',
  );
}

/** Converts a preprocessing to JSON, with its format and version. */
export function preprocessingToJson(value: Preprocessing): PreprocessingJson {
  const { shape, fit, resize, background, invert, mean, std } = value;
  return {
    format: FORMAT,
    version: VERSION,
    shape,
    fit,
    ...(resize === undefined ? {} : { resize }),
    background,
    invert,
    mean,
    std,
  };
}

/**
 * Parses the result of {@link preprocessingToJson}, and validates all of it, because it may be untrusted.
 * @param where the source, for errors, such as `run.json`
 * @throws DataError `PREPROCESSING` naming the first invalid field
 */
export function preprocessingFromJson(json: unknown, where: string): Preprocessing {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw fail(where, 'a preprocessing', 'an object', json);
  }
  const { format, version, ...rest }: Partial<Record<keyof PreprocessingJson, unknown>> = json;
  if (format !== FORMAT) throw fail(where, 'format', JSON.stringify(FORMAT), format);
  if (version !== VERSION) {
    throw fail(where, 'version', `${VERSION}, the only one that this version of isonet supports`, version);
  }
  return checked(rest, where);
}

/** Formats a preprocessing as one line of JSON, for the metadata of a file. */
export function preprocessingText(value: Preprocessing): string {
  return JSON.stringify(preprocessingToJson(value));
}

/**
 * Parses the result of {@link preprocessingText}.
 * @throws DataError `PREPROCESSING` for text that is not JSON or is longer than 65,536 characters; otherwise as
 *   {@link preprocessingFromJson}
 */
export function parsePreprocessing(text: string, where: string): Preprocessing {
  if (text.length > MAX_TEXT) {
    throw fail(
      where,
      'a preprocessing',
      `at most ${MAX_TEXT} characters of JSON`,
      `${text.length} characters`,
    );
  }
  return preprocessingFromJson(parsed(text, where), where);
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DataError('PREPROCESSING', `${where}: expected a preprocessing in JSON, got ${shown(text)}`, {
      cause,
    });
  }
}

/** @throws DataError `PREPROCESSING` */
function checked(given: Partial<Record<keyof Preprocessing, unknown>>, where: string): Preprocessing {
  const unknown = Object.keys(given).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw new DataError(
      'PREPROCESSING',
      `${where}: unknown field ${shown(unknown)}; expected ${FIELDS.join(', ')}`,
    );
  }
  const { fit, resize, background, invert } = given;
  const shape = shapeFrom(given.shape, where);
  if (!isOneOf(FITS, fit)) throw fail(where, 'fit', `one of ${FITS.join(', ')}`, fit);
  if (!isOneOf(BACKGROUNDS, background)) {
    throw fail(where, 'background', `one of ${BACKGROUNDS.join(', ')}`, background);
  }
  if (typeof invert !== 'boolean') throw fail(where, 'invert', 'true or false', invert);
  const all = {
    shape,
    fit,
    background,
    invert,
    mean: numbersFrom(given.mean, shape[0], isMean, `${where}: mean`, 'numbers'),
    std: numbersFrom(given.std, shape[0], isStd, `${where}: std`, 'numbers above 0'),
  };
  if (resize === undefined) return all;
  return { ...all, resize: resizeFrom(resize, all, where) };
}

function shapeFrom(value: unknown, where: string): ImageShape {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 3) {
    const [channels, height, width] = list;
    const isSide = (side: unknown): side is number => isWhole(side, 1, MAX_SIDE);
    if ((channels === 1 || channels === 3) && isSide(height) && isSide(width)) {
      const shape: ImageShape = [channels, height, width];
      imageBytes(shape);
      return shape;
    }
  }
  throw fail(
    where,
    'shape',
    `[channels, height, width] with 1 or 3 channels and integers from 1 to ${MAX_SIDE}`,
    value,
  );
}

function resizeFrom(
  value: unknown,
  { shape, fit }: Pick<Preprocessing, 'shape' | 'fit'>,
  where: string,
): number {
  const [, height, width] = shape;
  if (fit !== 'cover') throw fail(where, 'fit', 'cover, because resize is given', fit);
  const least = Math.max(height, width);
  if (isWhole(value, least, MAX_SIDE)) return value;
  throw fail(
    where,
    'resize',
    `an integer from ${least}, so that it covers ${shapeText(shape)}, to ${MAX_SIDE}`,
    value,
  );
}

/** Returns one number per channel. A one-element list applies to every channel. */
function numbersFrom(
  value: unknown,
  channels: number,
  fits: (number: unknown) => number is number,
  where: string,
  text: string,
): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const [first] = list;
  if (list.length === 1 && fits(first)) return new Array<number>(channels).fill(first);
  if (list.length === channels && list.every(fits)) return list;
  throw new DataError(
    'PREPROCESSING',
    `${where}: expected a list of ${channels} ${text}, one per channel, got ${shown(value)}`,
  );
}

function isOneOf<Word extends string>(words: readonly Word[], value: unknown): value is Word {
  return words.some((word) => word === value);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function fail(where: string, what: string, expected: string, got: unknown): DataError {
  return new DataError('PREPROCESSING', `${where}: ${what}: expected ${expected}, got ${shown(got)}`);
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
