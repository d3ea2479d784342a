// The decoder, an optional peer: in a file of its own, so that the types of those who do without it do not need its own.
import { DataError, messageOf } from '@isonet/core';
import type Sharp from 'sharp';

/** The version that is tested; the peer range takes later patches of it too. */
const SHARP = 'sharp@0.35.5';

/**
 * Loads sharp.
 * @param name of the picture that it is for
 * @throws DataError `DECODER_MISSING`
 */
export async function loadSharp(name: string): Promise<typeof Sharp> {
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

/** libvips puts the messages of inner libraries in lines of their own; the error's cause keeps them all. */
export function firstLine(text: string): string {
  return text.trim().replace(/\n[^]*$/, '');
}
