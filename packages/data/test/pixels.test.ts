// Pixels of a canvas give the bytes that sharp gives for the same picture.
import { decodeImage, imageFromPixels, type Pixels } from '@isonet/data';
import { streamKey, uniformBlock } from '@isonet/core';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { dataError } from './helpers.ts';

const [width, height] = [32, 20];
const random = uniformBlock(0, streamKey('pixels'), 0, 0, 4 * width * height);

/** Random pixels, half of them opaque. */
const picture: Pixels = {
  width,
  height,
  data: Uint8ClampedArray.from(random, (value, i) => (i % 8 === 3 ? 255 : Math.floor(256 * value))),
};

test.each([1, 3] as const)(
  '%d channels: what decodeImage makes of the same picture, to within 1',
  async (channels) => {
    const png = await sharp(picture.data, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer();
    const expected = await decodeImage(png, [channels, height, width], 'x');
    const image = imageFromPixels(picture, channels);
    expect(image).toHaveLength(expected.length);
    const differences = Array.from(image, (value, i) => Math.abs(value - expected[i]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  },
);

test('an opaque grey stays as it is, of every level', () => {
  const data = Uint8Array.from({ length: 4 * 256 }, (_, i) => (i % 4 === 3 ? 255 : Math.floor(i / 4)));
  const levels = Array.from({ length: 256 }, (_, level) => level);
  expect([...imageFromPixels({ width: 256, height: 1, data }, 1)]).toEqual(levels);
  expect([...imageFromPixels({ width: 256, height: 1, data }, 3)]).toEqual([...levels, ...levels, ...levels]);
});

test('bytes that do not fit the size, and no size', async () => {
  const short = { width: 2, height: 2, data: new Uint8Array(12) };
  expect(await dataError(() => imageFromPixels(short, 1))).toBe(
    'IMAGE_SHAPE: pixels: expected 16 bytes, four for each of 2 x 2 pixels, got 12',
  );
  expect(await dataError(() => imageFromPixels({ ...short, width: 0 }, 1))).toMatch(
    /^IMAGE_SHAPE: image shape/,
  );
});
