// Decodes an image file of any common format to upright 8-bit sRGB pixels with alpha, using sharp (libvips), an optional
// peer that is loaded on first use. pixels.ts processes the pixels further.
import { DataError, messageOf } from '@isonet/core';
import { HEIC_FIX, isHeic } from './heic.ts';
import { firstLine, loadSharp } from './loadSharp.ts';
import type { Pixels } from './colours.ts';
import { MAX_PIXELS } from './pixels.ts';

/** The maximum side length: libvips shrinks by a factor of at most a million, and prints a warning beyond that. */
const MAX_SIDE = 1_000_000;

/** A decoded image, with the format and the channels of its file. */
export interface DecodedPicture {
  /** The pixels: upright, sRGB, not premultiplied. */
  readonly pixels: Pixels;
  /** `jpeg`, `png`, `webp`, `gif`, `tiff`, `avif`, ... */
  readonly format: string;
  /** The channels in the file. */
  readonly channels: PictureChannels;
}

/** The channels in an image file. Everything but grey counts as colour, including CMYK. */
export type PictureChannels = 'grey' | 'grey and alpha' | 'colour' | 'colour and alpha';

/**
 * Decodes the first frame of an image.
 * @param name the image's name, for errors
 * @throws DataError `IMAGE_UNREADABLE`, `DECODER_MISSING`, as `decodeImage`
 */
export async function decodePixels(bytes: Uint8Array, name: string): Promise<DecodedPicture> {
  const sharp = await loadSharp(name);
  try {
    const picture = sharp(bytes, { limitInputPixels: MAX_PIXELS });
    const { width: across, height: down, format, space, hasAlpha } = await picture.metadata();
    const side = Math.max(across, down);
    if (side > MAX_SIDE) throw new Error(`a side of ${side} pixels, at most ${MAX_SIDE} are supported`);
    const { data, info } = await picture
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    if (data.length !== 4 * width * height) {
      throw new Error(`decoded to ${data.length} bytes instead of ${4 * width * height}`);
    }
    const kind = space.startsWith('b-w') || space.startsWith('grey') ? 'grey' : 'colour';
    return {
      pixels: { width, height, data },
      // libvips reports AVIF as its container format, HEIF.
      format: format === 'heif' ? 'avif' : format,
      channels: hasAlpha ? `${kind} and alpha` : kind,
    };
  } catch (cause) {
    throw new DataError('IMAGE_UNREADABLE', `image "${name}": ${problem(bytes, cause)}`, { cause });
  }
}

function problem(bytes: Uint8Array, cause: unknown): string {
  if (isHeic(bytes)) return `HEIC ${HEIC_FIX}`;
  const fix = `expected a complete PNG, JPEG, WebP, ... of at most ${MAX_PIXELS} pixels`;
  return `cannot be decoded (${firstLine(messageOf(cause))}); ${fix}`;
}
