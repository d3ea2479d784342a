// Tests that the conversion of pixels to bytes is bitwise identical to Pillow's. golden/pillow.py wrote the expected bytes.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  decodeImage,
  type ImageShape,
  imageFromPixels,
  preprocessing,
  type PreprocessingOptions,
} from '@isonet/data';
import { expect, test } from 'vitest';

interface Case extends PreprocessingOptions {
  readonly seed: number;
  readonly size: readonly [width: number, height: number];
  readonly shape: ImageShape;
  /** Whether alpha is random, too; otherwise the image is opaque. */
  readonly alpha?: boolean;
  readonly sha256: string;
  /** The expected bytes in Base64, if there are not too many. */
  readonly bytes?: string;
}

interface GoldenFile {
  readonly name: string;
  /** The bytes of the file, in Base64. */
  readonly file: string;
  readonly shape: ImageShape;
  /** The digest of its pixels, plane by plane. */
  readonly sha256: string;
}

const { cases, files } = JSON.parse(
  readFileSync(new URL('../golden/pillow.json', import.meta.url), 'utf8'),
) as {
  readonly cases: readonly Case[];
  readonly files: readonly GoldenFile[];
};

/** Returns the top bytes of a linear congruential generator, the same as in the script. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
}

function made({ seed, size, shape, alpha, ...options }: Case): Uint8Array {
  const [width, height] = size;
  const data = noise(4 * width * height, seed);
  if (!alpha) for (let i = 3; i < data.length; i += 4) data[i] = 255;
  const { fit, resize, background, invert } = options;
  const given = Object.entries({ fit, resize, background, invert }).filter(
    ([, value]) => value !== undefined,
  );
  return imageFromPixels({ width, height, data }, preprocessing(shape, Object.fromEntries(given)));
}

const few = cases.filter(({ bytes }) => bytes !== undefined);
const many = cases.filter(({ bytes }) => bytes === undefined);

test.each(few)('$size as $shape matches the bytes: $fit $resize $background $invert $alpha', (given) => {
  expect(Buffer.from(made(given)).toString('base64')).toBe(given.bytes);
});

test.each(many)('$size as $shape, from $resize, matches the digest', (given) => {
  expect(createHash('sha256').update(made(given)).digest('hex')).toBe(given.sha256);
});

test.each(files)(
  'the decoder returns the same pixels as Pillow: $name',
  async ({ name, file, shape, sha256 }) => {
    const image = await decodeImage(Buffer.from(file, 'base64'), shape, name);
    expect(createHash('sha256').update(image).digest('hex')).toBe(sha256);
  },
);
