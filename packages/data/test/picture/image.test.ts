// Tests reading images from files: all formats, grey and colour, transparency, fit, and files that are not images.
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, type ImageShape, loadFashionMnistSample, readImage } from '@isonet/data';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { dataError, tempFolder } from '../helpers.ts';

type Colour = { r: number; g: number; b: number; alpha?: number };

function plain(width: number, height: number, background: Colour): Sharp {
  const channels = background.alpha === undefined ? 3 : 4;
  return sharp({ create: { width, height, channels, background } });
}

const GREY: ImageShape = [1, 4, 4];
const COLOUR: ImageShape = [3, 4, 4];

describe('readImage', () => {
  test('returns the exact bytes of a grey PNG of the right size', async () => {
    const { train } = await loadFashionMnistSample();
    const boot = train.images.subarray(9 * 784, 10 * 784);
    const path = join(await tempFolder(), 'boot.png');
    await sharp(boot, { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(path);
    expect(await readImage(path, [1, 28, 28])).toEqual(Uint8Array.from(boot));
  });

  test('rejects a missing file, and a folder', async () => {
    const folder = await tempFolder();
    expect(await dataError(() => readImage(join(folder, 'none.png'), GREY))).toMatch(
      /^FILE_MISSING: image ".*none\.png": no such/,
    );
    expect(await dataError(() => readImage(folder, GREY))).toMatch(/^FILE_UNREADABLE: /);
  });

  test('rejects a file of more than 256 MiB', async () => {
    const path = join(await tempFolder(), 'large.png');
    await writeFile(path, '');
    // A sparse file needs no disk space.
    await truncate(path, 2 ** 28 + 1);
    expect(await dataError(() => readImage(path, GREY))).toMatch(
      /^FILE_UNREADABLE: .*at most 268435456 bytes/,
    );
  });

  test('reads a file again after it has changed', async () => {
    const path = join(await tempFolder(), 'a.png');
    for (const level of [10, 200]) {
      await writeFile(path, await plain(4, 4, { r: level, g: level, b: level }).png().toBuffer());
      expect([...(await readImage(path, GREY))]).toEqual(Array(16).fill(level));
    }
  });
});

describe('decodeImage', () => {
  test.each(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)('decodes %s', async (format) => {
    const bytes = await plain(8, 8, { r: 120, g: 120, b: 120 })
      .toFormat(format, { lossless: true })
      .toBuffer();
    const image = await decodeImage(bytes, GREY, 'x');
    expect(image).toHaveLength(16);
    for (const pixel of image) expect(Math.abs(pixel - 120)).toBeLessThanOrEqual(2);
  });

  test('returns colours as planes, one per channel', async () => {
    const left = await plain(2, 4, { r: 250, g: 20, b: 30 }).png().toBuffer();
    const bytes = await plain(4, 4, { r: 1, g: 2, b: 3 })
      .composite([{ input: left, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const row = [
      [250, 250, 1, 1],
      [20, 20, 2, 2],
      [30, 30, 3, 3],
    ];
    expect([...(await decodeImage(bytes, COLOUR, 'x'))]).toEqual(
      row.flatMap((r) => [...r, ...r, ...r, ...r]),
    );
  });

  test('repeats a grey image in three channels', async () => {
    const bytes = await sharp(Buffer.alloc(16, 77), { raw: { width: 4, height: 4, channels: 1 } })
      .png()
      .toBuffer();
    expect([...(await decodeImage(bytes, COLOUR, 'x'))]).toEqual(Array(48).fill(77));
  });

  test('fits a wide image and centres it on black', async () => {
    const bytes = await plain(40, 20, { r: 255, g: 255, b: 255 }).png().toBuffer();
    const image = await decodeImage(bytes, GREY, 'x');
    expect([...image]).toEqual([0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]);
  });

  test("applies a camera's orientation", async () => {
    // The upper half is white; EXIF orientation 3 means that the image is upside down.
    const upper = await plain(4, 2, { r: 255, g: 255, b: 255 }).png().toBuffer();
    const bytes = await plain(4, 4, { r: 0, g: 0, b: 0 })
      .composite([{ input: upper, left: 0, top: 0 }])
      .withMetadata({ orientation: 3 })
      .png()
      .toBuffer();
    expect([...(await decodeImage(bytes, GREY, 'x'))]).toEqual(
      Array.from({ length: 16 }, (_, i) => (i < 8 ? 0 : 255)),
    );
  });

  test('inverts neither light on dark nor dark on light', async () => {
    const bytes = await plain(4, 4, { r: 255, g: 255, b: 255 }).png().toBuffer();
    expect([...(await decodeImage(bytes, GREY, 'x'))]).toEqual(Array(16).fill(255));
  });

  test('rejects an image with a side of more than a million pixels', async () => {
    const bytes = await plain(1, 1_000_001, { r: 0, g: 0, b: 0 }).png().toBuffer();
    expect(await dataError(() => decodeImage(bytes, GREY, 'x'))).toMatch(
      /^IMAGE_UNREADABLE: image "x": cannot be decoded \(a side of 1000001 pixels, at most 1000000 are supported\);/,
    );
  });

  test('rejects text, an empty file and truncated images', async () => {
    const { train } = await loadFashionMnistSample();
    const whole = await sharp(train.images.subarray(0, 784), { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toBuffer();
    const text = new TextEncoder().encode('not an image');
    // The error message of libvips for this file has several lines.
    const avif = (await plain(64, 64, { r: 200, g: 3, b: 90 }).avif().toBuffer()).subarray(0, 280);
    for (const bytes of [text, new Uint8Array(), whole.subarray(0, 300), avif]) {
      const error = await dataError(() => decodeImage(bytes, [1, 28, 28], 'x'));
      expect(error).toMatch(
        /^IMAGE_UNREADABLE: image "x": cannot be decoded \(.+\); expected a complete PNG, JPEG, WebP, \.\.\. of at most 134217728 pixels$/,
      );
      expect(error).not.toContain('\n');
    }
  });

  test('rejects a small file that declares 10 gigapixels', async () => {
    const bytes = await plain(4, 4, { r: 1, g: 1, b: 1 }).png().toBuffer();
    bytes.writeUInt32BE(100_000, 16);
    bytes.writeUInt32BE(100_000, 20);
    // The header of a PNG has a checksum of its type and content.
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
    expect(await dataError(() => decodeImage(bytes, GREY, 'x'))).toMatch(/^IMAGE_UNREADABLE: .*pixel limit/);
  });

  test('rejects invalid shapes', async () => {
    const bytes = await plain(4, 4, { r: 1, g: 1, b: 1 }).png().toBuffer();
    expect(await dataError(() => decodeImage(bytes, [2, 4, 4], 'x'))).toMatch(
      /^PREPROCESSING: preprocessing: shape: expected .*1 or 3 channels.*, got \[2,4,4\]$/,
    );
    expect(await dataError(() => decodeImage(bytes, [1, 0, 4], 'x'))).toMatch(
      /^PREPROCESSING: .*got \[1,0,4\]$/,
    );
  });
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
