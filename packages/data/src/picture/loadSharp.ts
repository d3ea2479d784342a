// Loads sharp, the decoder, which is an optional peer. It has its own file so that other modules' types do not depend on
// sharp's.
import { DataError, messageOf } from '@isonet/core';
import type Sharp from 'sharp';

/** The tested version; the peer range also accepts later patch releases. */
const SHARP = 'sharp@0.35.5';

/**
 * Loads sharp.
 * @param name the name of the image to decode, for errors
 * @throws DataError `DECODER_MISSING`
 */
export async function loadSharp(name: string): Promise<typeof Sharp> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new DataError(
      'DECODER_MISSING',
      `image "${name}": to decode images, install sharp: npm install ${SHARP} (${firstLine(messageOf(cause))})`,
      { cause },
    );
  }
}

/** Returns the first line of a message. libvips adds lines from other libraries, which the error's cause retains. */
export function firstLine(text: string): string {
  return text.trim().replace(/\n[^]*$/, '');
}
