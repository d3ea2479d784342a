// Reads an image file of any common format as input bytes for a network.
import type { ImageShape } from '../imageShape.ts';
import type { Preprocessing } from '../preprocessing.ts';
import { readBoundedFile } from '../readFile.ts';
import { type DecodedPicture, decodePixels, type PictureChannels } from './decode.ts';
import { isInkLost } from './ink.ts';
import { imageFromPixels, preprocessingOf } from './pixels.ts';

/** The maximum size of an image file, in bytes. */
export const MAX_FILE_BYTES: number = 2 ** 28;

/** An image as a network sees it, with the properties of its file. */
export interface Picture {
  /** `[channels, height, width]`, bytes. */
  readonly image: Uint8Array;
  /**
   * Whether the image is blank: it has transparent pixels, and its visible ones match the background that it is composited
   * over. The other value of `invert` may help.
   */
  readonly inkLost: boolean;
  /** The width of the upright image in the file, in pixels. */
  readonly width: number;
  readonly height: number;
  /** `jpeg`, `png`, `webp`, `gif`, `tiff`, `avif`, ... */
  readonly format: string;
  readonly channels: PictureChannels;
}

/**
 * Reads an image (PNG, JPEG, WebP, GIF, AVIF, TIFF, ...) as input for a network: its first frame, upright, in 8-bit
 * grey (1 channel) or sRGB (3 channels). The table in the package's README describes the conversion in detail.
 * `-> [channels, height, width]`, bytes
 * @param as the shape, fitted inside over black; or a {@link Preprocessing}. Fashion-MNIST's images are light on black,
 *   so ink on paper needs `preprocessing(shape, { invert: true })`
 * @throws DataError `FILE_MISSING`, `FILE_UNREADABLE`; otherwise as {@link decodeImage}.
 */
export async function readImage(path: string, as: ImageShape | Preprocessing): Promise<Uint8Array> {
  return (await readPicture(path, as)).image;
}

/**
 * Decodes an image as {@link readImage} does, from the bytes of the file.
 * @param name the image's name, for errors
 * @throws DataError `IMAGE_UNREADABLE` if it is not an image, is damaged, or has more than 2^27 pixels or a side of more
 *   than a million; `PREPROCESSING` if the shape does not have 1 or 3 channels; `DECODER_MISSING` if sharp is not installed
 *   or does not support this machine.
 */
export async function decodeImage(
  bytes: Uint8Array,
  as: ImageShape | Preprocessing,
  name: string,
): Promise<Uint8Array> {
  return (await decodePicture(bytes, as, name)).image;
}

/** Reads an image as {@link readImage} does, with the properties of its file. @throws as {@link readImage} */
export async function readPicture(path: string, as: ImageShape | Preprocessing): Promise<Picture> {
  const preprocessing = preprocessingOf(as);
  return decodePicture(await readBoundedFile('image', path, MAX_FILE_BYTES), preprocessing, path);
}

/** Decodes an image as {@link decodeImage} does, with the properties of its file. @throws as {@link decodeImage} */
export async function decodePicture(
  bytes: Uint8Array,
  as: ImageShape | Preprocessing,
  name: string,
): Promise<Picture> {
  const preprocessing = preprocessingOf(as);
  return pictureOf(await decodePixels(bytes, name), preprocessing);
}

/** Converts decoded pixels to input for a network, with the properties of their file. */
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
