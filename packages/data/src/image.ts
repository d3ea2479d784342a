// One picture file of any common format as image bytes, for prediction. Decoding and photographic resizing are sharp's
// (libvips), an optional peer that loads when it is first needed. Training data at other sizes: see resize.ts, which is exact.
import { DataError, messageOf, shapeText } from '@isonet/core';
import type Sharp from 'sharp';
import { imageBytes, type ImageShape } from './imageShape.ts';
import { readBoundedFile } from './readFile.ts';

/** The version that is tested; the peer range takes later patches of it too. */
const SHARP = 'sharp@0.35.5';
const MAX_FILE_BYTES = 2 ** 28;
/** More than any camera takes; a small file that claims more is an attack on the memory. */
const MAX_PIXELS = 2 ** 27;
/** libvips shrinks by a factor of a million at most, and prints where it is asked for more. */
const MAX_SIDE = 1_000_000;

/**
 * Reads a picture (PNG, JPEG, WebP, GIF, AVIF, TIFF, ...): its first frame, upright, as 8-bit grey (1 channel) or sRGB
 * (3), scaled to fit and centred on black; transparent pixels lie over black.
 * Fashion-MNIST's images are light on black: a photograph on a white ground has to be inverted by the caller first.
 * `-> [channels, height, width]`, bytes
 * @throws DataError `FILE_MISSING`, `FILE_UNREADABLE`; otherwise as {@link decodeImage}.
 */
export async function readImage(path: string, shape: ImageShape): Promise<Uint8Array> {
  return decodeImage(await readBoundedFile('image', path, MAX_FILE_BYTES), shape, path);
}

/**
 * As {@link readImage}, from the bytes of the file.
 * @param name names the image in errors
 * @throws DataError `IMAGE_UNREADABLE` when it is not a picture, a damaged one, or one of more than 2^27 pixels or a
 * million on a side;
 * `IMAGE_SHAPE` when `shape` asks for other than 1 or 3 channels; `DECODER_MISSING` when sharp is not installed or has no
 * library for this machine.
 */
export async function decodeImage(bytes: Uint8Array, shape: ImageShape, name: string): Promise<Uint8Array> {
  const [channels, height, width] = shape;
  imageBytes(shape);
  if (channels !== 1 && channels !== 3) {
    throw new DataError(
      'IMAGE_SHAPE',
      `image "${name}": expected 1 or 3 channels to be asked for, got ${shapeText(shape)}`,
    );
  }
  const sharp = await loadSharp(name);
  const black = { r: 0, g: 0, b: 0 };
  try {
    const picture = sharp(bytes, { limitInputPixels: MAX_PIXELS });
    const { width: across, height: down } = await picture.metadata();
    const side = Math.max(across, down);
    if (side > MAX_SIDE) throw new Error(`a side of ${side} pixels, at most ${MAX_SIDE} are read`);
    const pixels = await picture
      .autoOrient()
      .flatten({ background: black })
      .resize({ width, height, fit: 'contain', background: black })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
    return toPlanes(pixels, shape);
  } catch (cause) {
    const fix = `expected a whole PNG, JPEG, WebP, ... of at most ${MAX_PIXELS} pixels`;
    const message = `image "${name}": cannot be decoded (${firstLine(messageOf(cause))}); ${fix}`;
    throw new DataError('IMAGE_UNREADABLE', message, { cause });
  }
}

async function loadSharp(name: string): Promise<typeof Sharp> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new DataError(
      'DECODER_MISSING',
      `image "${name}": to decode pictures, install sharp: npm install ${SHARP} (${firstLine(messageOf(cause))})`,
      { cause },
    );
  }
}

/** `[height, width, channels] -> [channels, height, width]` */
function toPlanes(pixels: Uint8Array, shape: ImageShape): Uint8Array {
  const [channels, height, width] = shape;
  if (pixels.length !== imageBytes(shape)) {
    throw new Error(`decoded to ${pixels.length} bytes, not the ${imageBytes(shape)} of ${shapeText(shape)}`);
  }
  const planes = new Uint8Array(pixels.length);
  const area = height * width;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < area; i++) planes[c * area + i] = pixels[i * channels + c]!;
  }
  return planes;
}

/** libvips puts the messages of inner libraries in lines of their own; the error's cause keeps them all. */
function firstLine(text: string): string {
  return text.trim().replace(/\n[^]*$/, '');
}
