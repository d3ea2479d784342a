// A picture file of any common format as upright 8-bit sRGB pixels with alpha. Decoding is sharp's (libvips), an optional peer that
// loads when it is first needed; from the pixels on, pixels.ts takes over.
import { DataError, messageOf } from '@isonet/core';
import { HEIC_FIX, isHeic } from './heic.ts';
import { firstLine, loadSharp } from './loadSharp.ts';
import type { Pixels } from './colours.ts';
import { MAX_PIXELS } from './pixels.ts';

/** libvips shrinks by a factor of a million at most, and prints where it is asked for more. */
const MAX_SIDE = 1_000_000;

/** A picture, and what its file says of it. */
export interface DecodedPicture {
  /** Upright, sRGB, not premultiplied. */
  readonly pixels: Pixels;
  /** `jpeg`, `png`, `webp`, `gif`, `tiff`, `avif`, ... */
  readonly format: string;
  /** As they are in the file. */
  readonly channels: PictureChannels;
}

/** The channels in a picture file; anything that is not grey, CMYK included, counts as colour. */
export type PictureChannels = 'grey' | 'grey and alpha' | 'colour' | 'colour and alpha';

/**
 * Decodes the first frame of a picture.
 * @param name names the picture in errors
 * @throws DataError `IMAGE_UNREADABLE`, `DECODER_MISSING`, as `decodeImage`
 */
export async function decodePixels(bytes: Uint8Array, name: string): Promise<DecodedPicture> {
  const sharp = await loadSharp(name);
  try {
    const picture = sharp(bytes, { limitInputPixels: MAX_PIXELS });
    const { width: across, height: down, format, space, hasAlpha } = await picture.metadata();
    const side = Math.max(across, down);
    if (side > MAX_SIDE) throw new Error(`a side of ${side} pixels, at most ${MAX_SIDE} are read`);
    const { data, info } = await picture
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    if (data.length !== 4 * width * height) {
      throw new Error(`decoded to ${data.length} bytes, not the ${4 * width * height} of its size`);
    }
    const kind = space.startsWith('b-w') || space.startsWith('grey') ? 'grey' : 'colour';
    return {
      pixels: { width, height, data },
      // libvips names the container of AVIF.
      format: format === 'heif' ? 'avif' : format,
      channels: hasAlpha ? `${kind} and alpha` : kind,
    };
  } catch (cause) {
    throw new DataError('IMAGE_UNREADABLE', `image "${name}": ${problem(bytes, cause)}`, { cause });
  }
}

function problem(bytes: Uint8Array, cause: unknown): string {
  if (isHeic(bytes)) return `HEIC ${HEIC_FIX}`;
  const fix = `expected a whole PNG, JPEG, WebP, ... of at most ${MAX_PIXELS} pixels`;
  return `cannot be decoded (${firstLine(messageOf(cause))}); ${fix}`;
}
