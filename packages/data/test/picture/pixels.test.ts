// Tests that pixels of a canvas become the same bytes as a file of the same pixels, and that invalid pixels are rejected.
import { streamKey, uniformBlock } from '@isonet/core';
import {
  decodeImage,
  imageFromPixels,
  type Pixels,
  preprocessing,
  type PreprocessingOptions,
} from '@isonet/data';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { dataError } from '../helpers.ts';

const [width, height] = [32, 20];
const random = uniformBlock(0, streamKey('pixels'), 0, 0, 4 * width * height);

/** Random pixels, half of them opaque. */
const picture: Pixels = {
  width,
  height,
  data: Uint8ClampedArray.from(random, (value, i) => (i % 8 === 3 ? 255 : Math.floor(256 * value))),
};
const png = await sharp(picture.data, { raw: { width, height, channels: 4 } })
  .png()
  .toBuffer();

test.each<PreprocessingOptions>([
  {},
  { invert: true },
  { fit: 'cover' },
  { resize: 16, background: 'white' },
])('imageFromPixels matches decodeImage, with %j', async (options) => {
  for (const channels of [1, 3]) {
    const wanted = preprocessing([channels, 12, 14], options);
    expect(imageFromPixels(picture, wanted)).toEqual(await decodeImage(png, wanted, 'x'));
  }
});

test('a shape without options is fitted inside, over black', () => {
  expect(imageFromPixels(picture, [1, 28, 28])).toEqual(
    imageFromPixels(picture, preprocessing([1, 28, 28], { fit: 'contain', background: 'black' })),
  );
});

test('opaque grey keeps every level', () => {
  const data = Uint8Array.from({ length: 4 * 256 }, (_, i) => (i % 4 === 3 ? 255 : Math.floor(i / 4)));
  const levels = Array.from({ length: 256 }, (_, level) => level);
  const pixels = { width: 256, height: 1, data };
  expect([...imageFromPixels(pixels, [1, 1, 256])]).toEqual(levels);
  expect([...imageFromPixels(pixels, [3, 1, 256])]).toEqual([...levels, ...levels, ...levels]);
});

test('an image of the size of resize is only cropped, with unchanged pixels', () => {
  const wanted = preprocessing([3, 12, 14], { resize: height });
  const opaque = { ...picture, data: picture.data.map((value, i) => (i % 4 === 3 ? 255 : value)) };
  const [top, left] = [(height - 12) / 2, (width - 14) / 2];
  const expected = [0, 1, 2].flatMap((channel) =>
    Array.from({ length: 12 * 14 }, (_, i) => {
      const [y, x] = [top + Math.floor(i / 14), left + (i % 14)];
      return opaque.data[4 * (y * width + x) + channel];
    }),
  );
  expect([...imageFromPixels(opaque, wanted)]).toEqual(expected);
});

test('a row of a million pixels is resized', () => {
  const data = new Uint8Array(4_000_000).fill(255);
  const image = imageFromPixels({ width: 1_000_000, height: 1, data }, [1, 4, 4]);
  expect([...image]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
});

test('bytes that do not match the size, and invalid sizes, are rejected', async () => {
  const short = { width: 2, height: 2, data: new Uint8Array(12) };
  expect(await dataError(() => imageFromPixels(short, [1, 2, 2]))).toBe(
    'IMAGE_SHAPE: pixels: expected 16 bytes, four for each of 2 x 2 pixels, got 12',
  );
  for (const side of [0, -1, 0.5, Number.NaN, 2 ** 30]) {
    expect(await dataError(() => imageFromPixels({ ...short, width: side }, [1, 2, 2]))).toMatch(
      /^IMAGE_SHAPE: pixels: expected a width and a height/,
    );
  }
});
