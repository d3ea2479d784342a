// One picture file of any common format as the bytes that a network takes.
import type { ImageShape } from '../imageShape.ts';
import type { Preprocessing } from '../preprocessing.ts';
import { readBoundedFile } from '../readFile.ts';
import { type DecodedPicture, decodePixels, type PictureChannels } from './decode.ts';
import { isInkLost } from './ink.ts';
import { imageFromPixels, preprocessingOf } from './pixels.ts';

/** No picture is larger. */
export const MAX_FILE_BYTES: number = 2 ** 28;

/** A picture as a network sees it, and what its file says of it. */
export interface Picture {
  /** `[channels, height, width]`, bytes. */
  readonly image: Uint8Array;
  /**
   * The picture is blank: it has transparent pixels, and its visible ones match the background that it is composited over. The
   * other value of `invert` may help.
   */
  readonly inkLost: boolean;
  /** Upright, in the file's pixels. */
  readonly width: number;
  readonly height: number;
  /** `jpeg`, `png`, `webp`, `gif`, `tiff`, `avif`, ... */
  readonly format: string;
  readonly channels: PictureChannels;
}

/**
 * Reads a picture (PNG, JPEG, WebP, GIF, AVIF, TIFF, ...) as a network takes it: its first frame, upright, in 8-bit grey (1 channel)
 * or sRGB (3). The table in the package's README says what becomes of each kind of picture.
 * `-> [channels, height, width]`, bytes
 * @param as the shape, fitted inside over black; or a {@link Preprocessing}. Fashion-MNIST's images are light on black: ink on paper
 * takes `preprocessing(shape, { invert: true })`
 * @throws DataError `FILE_MISSING`, `FILE_UNREADABLE`; otherwise as {@link decodeImage}.
 */
export async function readImage(path: string, as: ImageShape | Preprocessing): Promise<Uint8Array> {
  return (await readPicture(path, as)).image;
}

/**
 * As {@link readImage}, from the bytes of the file.
 * @param name names the image in errors
 * @throws DataError `IMAGE_UNREADABLE` when it is not a picture, a damaged one, or one of more than 2^27 pixels or a million on a
 * side; `PREPROCESSING` when a shape asks for other than 1 or 3 channels; `DECODER_MISSING` when sharp is not installed or has no
 * library for this machine.
 */
export async function decodeImage(
  bytes: Uint8Array,
  as: ImageShape | Preprocessing,
  name: string,
): Promise<Uint8Array> {
  return (await decodePicture(bytes, as, name)).image;
}

/** As {@link readImage}, with what the file says. @throws as {@link readImage} */
export async function readPicture(path: string, as: ImageShape | Preprocessing): Promise<Picture> {
  const preprocessing = preprocessingOf(as);
  return decodePicture(await readBoundedFile('image', path, MAX_FILE_BYTES), preprocessing, path);
}

/** As {@link decodeImage}, with what the file says. @throws as {@link decodeImage} */
export async function decodePicture(
  bytes: Uint8Array,
  as: ImageShape | Preprocessing,
  name: string,
): Promise<Picture> {
  const preprocessing = preprocessingOf(as);
  return pictureOf(await decodePixels(bytes, name), preprocessing);
}

/** What a network sees of pixels, and what their file says. */
export function pictureOf(
  { pixels, format, channels }: DecodedPicture,
  preprocessing: Preprocessing,
): Picture {
  return {
    image: imageFromPixels(pixels, preprocessing),
    inkLost: isInkLost(pixels, preprocessing),
    width: pixels.width,
    height: pixels.height,
    format,
    channels,
  };
}
