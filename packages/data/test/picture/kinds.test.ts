// Tests every kind of image, pixel by pixel. Each row of the table in the package's README has a test here.
import { readFileSync } from 'node:fs';
import {
  decodeImage,
  decodePicture,
  type ImageShape,
  loadFashionMnistSample,
  normalized,
  preprocessing,
} from '@isonet/data';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { dataError } from '../helpers.ts';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** Creates an image with these pixels in one row. */
function row(channels: 1 | 2 | 3 | 4, pixels: readonly number[]): Sharp {
  const width = pixels.length / channels;
  return sharp(Uint8Array.from(pixels), { raw: { width, height: 1, channels } });
}

/** Decodes an image as input for a network, and returns its bytes plane by plane. */
async function inputOf(picture: Sharp, shape: ImageShape, options = {}): Promise<readonly number[]> {
  return [...(await decodeImage(await picture.toBuffer(), preprocessing(shape, options), 'x'))];
}

describe('colour to grey', () => {
  test("matches Pillow's mode L: pure red is 76, green 150, blue 29", async () => {
    const pure = row(3, [255, 0, 0, 0, 255, 0, 0, 0, 255]).png();
    expect(await inputOf(pure, [1, 1, 3])).toEqual([76, 150, 29]);
  });
});

describe('transparent pixels', () => {
  // Pixels of level 200: transparent, half transparent and opaque.
  const half = row(4, [200, 200, 200, 0, 200, 200, 200, 128, 200, 200, 200, 255]).png();
  test.each([
    [{}, [0, 100, 200]],
    [{ background: 'white' }, [255, 227, 200]],
    [{ invert: true }, [0, 28, 55]],
    [{ invert: true, background: 'white' }, [255, 155, 55]],
  ])('are composited over the background: %j', async (options, expected) => {
    expect(await inputOf(half, [1, 1, 3], options)).toEqual(expected);
  });

  test('are composited in grey images with alpha, too', async () => {
    const grey = row(2, [200, 0, 200, 128]).toColourspace('b-w').png();
    expect(await inputOf(grey, [1, 1, 2])).toEqual([0, 100]);
    const { channels } = await decodePicture(await grey.toBuffer(), [1, 1, 2], 'x');
    expect(channels).toBe('grey and alpha');
  });

  test('with ink only in alpha show the drawing if inverted, and report lost ink otherwise', async () => {
    const { test: images } = await loadFashionMnistSample();
    const ink = fixture('ink.png');
    const inverted = await decodePicture(ink, preprocessing([1, 28, 28], { invert: true }), 'ink.png');
    expect([...inverted.image]).toEqual([...images.images.subarray(0, 784)]);
    expect(inverted.inkLost).toBe(false);
    const plain = await decodePicture(ink, [1, 28, 28], 'ink.png');
    expect(new Set(plain.image)).toEqual(new Set([0]));
    expect(plain.inkLost).toBe(true);
  });

  test('of a completely transparent image are lost ink, but an opaque black image is not', async () => {
    const nothing = await row(4, [9, 200, 9, 0]).png().toBuffer();
    expect((await decodePicture(nothing, [1, 1, 1], 'x')).inkLost).toBe(true);
    const black = await row(3, [0, 0, 0]).png().toBuffer();
    expect((await decodePicture(black, [1, 1, 1], 'x')).inkLost).toBe(false);
  });
});

describe('inversion', () => {
  test('precedes the padding, as if the file had been inverted', async () => {
    const portrait = fixture('portrait.png');
    const before = await sharp(portrait).negate({ alpha: false }).png().toBuffer();
    const image = await decodeImage(portrait, preprocessing([1, 28, 28], { invert: true }), 'x');
    expect([...image]).toEqual([...(await decodeImage(before, [1, 28, 28], 'x'))]);
    // 28 x 42 is fitted into 19 columns, starting at the fourth.
    expect([image[14 * 28], image[14 * 28 + 27]]).toEqual([0, 0]);
  });
});

describe('bits and palettes', () => {
  test('16 bits per channel are reduced to the upper eight', async () => {
    const grey = sharp(Uint16Array.of(0, 0x0180, 0x5aff, 0xffff), {
      raw: { width: 4, height: 1, channels: 1 },
    }).toColourspace('grey16');
    expect((await sharp(await grey.png().toBuffer()).metadata()).depth).toBe('ushort');
    expect(await inputOf(grey.png(), [1, 1, 4])).toEqual([0, 1, 0x5a, 255]);
  });

  test('one bit is black or white', async () => {
    const bits = row(1, [0, 255, 255, 0]).toColourspace('b-w').tiff({ bitdepth: 1, compression: 'none' });
    expect(await inputOf(bits, [1, 1, 4])).toEqual([0, 255, 255, 0]);
  });

  test('a palette may have a transparent colour', async () => {
    const palette = row(4, [250, 0, 0, 255, 0, 250, 0, 0, 0, 0, 250, 255]).png({ palette: true });
    expect((await sharp(await palette.toBuffer()).metadata()).isPalette).toBe(true);
    expect(await inputOf(palette, [3, 1, 3])).toEqual([250, 0, 0, 0, 0, 0, 0, 0, 250]);
  });
});

describe('colour spaces', () => {
  test('are converted to sRGB from an ICC profile', async () => {
    const wide = sharp({ create: { width: 2, height: 2, channels: 3, background: { r: 220, g: 40, b: 60 } } })
      .withIccProfile('p3')
      .png();
    const inside = await sharp(await wide.toBuffer(), { ignoreIcc: true })
      .raw()
      .toBuffer();
    expect([...inside.subarray(0, 3)]).not.toEqual([220, 40, 60]);
    const image = await inputOf(wide, [3, 1, 1]);
    for (const [c, value] of [220, 40, 60].entries())
      expect(Math.abs(image[c]! - value)).toBeLessThanOrEqual(1);
  });

  test('are converted to sRGB from CMYK by its profile, with the precision of 8-bit ink', async () => {
    const cmyk = sharp({
      create: { width: 8, height: 8, channels: 3, background: { r: 180, g: 140, b: 120 } },
    })
      .toColourspace('cmyk')
      .withIccProfile('cmyk')
      .tiff({ compression: 'none' });
    expect((await sharp(await cmyk.toBuffer()).metadata()).space).toBe('cmyk');
    const image = await inputOf(cmyk, [3, 1, 1]);
    for (const [c, value] of [180, 140, 120].entries())
      expect(Math.abs(image[c]! - value)).toBeLessThanOrEqual(12);
  });
});

test('only the first frame is used', async () => {
  const [red, green] = [
    await row(3, [250, 0, 0]).png().toBuffer(),
    await row(3, [0, 250, 0]).png().toBuffer(),
  ];
  const frames = sharp([red, green], { join: { animated: true } });
  for (const file of [frames.clone().gif(), frames.clone().webp({ lossless: true })]) {
    expect((await sharp(await file.toBuffer()).metadata()).pages).toBe(2);
    expect(await inputOf(file, [3, 1, 1])).toEqual([250, 0, 0]);
  }
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])("a camera's orientation %d is applied", async (orientation) => {
  // The upright image is 10 20 30 above 40 50 60.
  const stored: Readonly<Record<number, readonly [width: number, pixels: readonly number[]]>> = {
    1: [3, [10, 20, 30, 40, 50, 60]],
    2: [3, [30, 20, 10, 60, 50, 40]],
    3: [3, [60, 50, 40, 30, 20, 10]],
    4: [3, [40, 50, 60, 10, 20, 30]],
    5: [2, [10, 40, 20, 50, 30, 60]],
    6: [2, [30, 60, 20, 50, 10, 40]],
    7: [2, [60, 30, 50, 20, 40, 10]],
    8: [2, [40, 10, 50, 20, 60, 30]],
  };
  const [width, pixels] = stored[orientation]!;
  const raw = { width, height: 6 / width, channels: 1 } as const;
  const file = sharp(Uint8Array.from(pixels), { raw }).toColourspace('b-w').withMetadata({ orientation });
  const decoded = await decodePicture(await file.png().toBuffer(), [1, 2, 3], 'x');
  expect([decoded.width, decoded.height]).toEqual([3, 2]);
  expect([...decoded.image]).toEqual([10, 20, 30, 40, 50, 60]);
});

describe('HEIC', () => {
  test('is rejected with a workaround', async () => {
    expect(await dataError(() => decodeImage(fixture('phone.heic'), [1, 28, 28], 'phone.heic'))).toBe(
      'IMAGE_UNREADABLE: image "phone.heic": HEIC needs an HEVC decoder, which sharp\'s prebuilt binaries lack; ' +
        'convert to JPEG first: sips -s format jpeg IN.heic --out OUT.jpg (macOS) or heif-convert IN.heic OUT.jpg',
    );
  });

  test('is detected by its brands, which differ from those of AVIF', async () => {
    const avif = await row(3, new Array<number>(48).fill(80)).avif({ lossless: true }).toBuffer();
    expect((await decodePicture(avif, [1, 1, 16], 'x')).format).toBe('avif');
    expect(await dataError(() => decodeImage(avif.subarray(0, 200), [1, 4, 4], 'x'))).not.toContain('HEIC');
    const open = new Uint8Array(fixture('phone.heic'));
    open.set(new TextEncoder().encode('mif1'), 8);
    expect(await dataError(() => decodeImage(open, [1, 4, 4], 'x'))).toContain('HEIC');
  });
});

test('normalized computes (byte / 255 - mean) / std per channel, rounded once', () => {
  const wanted = preprocessing([3, 1, 2], { normalize: 'imagenet' });
  const { shape, data } = normalized(Uint8Array.of(0, 255, 1, 2, 3, 4), wanted);
  expect(shape).toEqual([1, 3, 1, 2]);
  const [r, g, b] = wanted.mean.map(
    (mean, c) => (byte: number) => Math.fround((byte / 255 - mean) / wanted.std[c]!),
  );
  expect([...data]).toEqual([r!(0), r!(255), g!(1), g!(2), b!(3), b!(4)]);
  const levels = Uint8Array.from({ length: 256 }, (_, level) => level);
  expect([...normalized(levels, preprocessing([1, 1, 256], { normalize: 'none' })).data]).toEqual([
    ...levels,
  ]);
});
