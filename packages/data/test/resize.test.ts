// Tests the exact bilinear resize against values computed by hand, and against the definition in rational arithmetic.
import { type ImageShape, type ImageSize, resizeImages } from '@isonet/data';
import { describe, expect, test } from 'vitest';
import { dataError } from './helpers.ts';

/** Returns (i + 1/2) * n / m - 1/2 in units of 1 / 2m, clamped to the centres of the first and the last pixel. */
function positionOf(i: number, n: number, m: number): bigint {
  const position = BigInt((2 * i + 1) * n - m);
  const last = BigInt((n - 1) * 2 * m);
  return position < 0n ? 0n : position > last ? last : position;
}

/**
 * Computes a pixel by the definition, as a fraction in BigInt. It shares no code with the implementation and rounds
 * only at the end.
 */
function pixelByDefinition(
  plane: Uint8Array,
  from: ImageSize,
  size: ImageSize,
  row: number,
  column: number,
): number {
  const [height, width] = from;
  const scaleY = BigInt(2 * size[0]);
  const scaleX = BigInt(2 * size[1]);
  const y = positionOf(row, height, size[0]);
  const x = positionOf(column, width, size[1]);
  let sum = 0n;
  for (let r = 0; r < height; r++) {
    // The hat function around each source pixel, in units of 1 / (scaleY * scaleX).
    const weightY = scaleY - abs(y - BigInt(r) * scaleY);
    if (weightY <= 0n) continue;
    for (let c = 0; c < width; c++) {
      const weightX = scaleX - abs(x - BigInt(c) * scaleX);
      if (weightX > 0n) sum += weightY * weightX * BigInt(plane[r * width + c] ?? 0);
    }
  }
  const unit = scaleY * scaleX;
  return Number((2n * sum + unit) / (2n * unit));
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** Returns noise: the top bits of a linear congruential generator. */
function noise(length: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
}

describe('resizeImages', () => {
  test('1x2 to 1x4 interpolates at a quarter and three quarters, rounds half up and clamps the edges', () => {
    // 0.25 * 10 = 2.5 -> 3 and 0.75 * 10 = 7.5 -> 8
    expect([...resizeImages(Uint8Array.of(0, 10), [1, 1, 2], [1, 4])]).toEqual([0, 3, 8, 10]);
  });

  test('2x2 to 1x1 is the mean, rounded half up', () => {
    expect([...resizeImages(Uint8Array.of(0, 1, 0, 1), [1, 2, 2], [1, 1])]).toEqual([1]);
    expect([...resizeImages(Uint8Array.of(0, 1, 0, 0), [1, 2, 2], [1, 1])]).toEqual([0]);
  });

  test('2x2 to 4x4 matches values computed by hand', () => {
    const out = resizeImages(Uint8Array.of(0, 16, 32, 48), [1, 2, 2], [4, 4]);
    expect([...out]).toEqual([0, 4, 12, 16, 8, 12, 20, 24, 24, 28, 36, 40, 32, 36, 44, 48]);
  });

  test.each<[ImageSize, ImageSize]>([
    [
      [28, 28],
      [96, 96],
    ],
    [
      [28, 28],
      [14, 14],
    ],
    [
      [5, 7],
      [11, 3],
    ],
    [
      [7, 5],
      [3, 11],
    ],
    [
      [1, 9],
      [4, 4],
    ],
    [
      [9, 4],
      [9, 13],
    ],
  ])('%j to %j matches the definition in every pixel', (from, size) => {
    const plane = noise(from[0] * from[1]);
    const out = resizeImages(plane, [1, ...from], size);
    const expected = Array.from({ length: size[0] * size[1] }, (_, i) =>
      pixelByDefinition(plane, from, size, Math.floor(i / size[1]), i % size[1]),
    );
    expect([...out]).toEqual(expected);
  });

  test('images and channels are resized independently', () => {
    const shape: ImageShape = [3, 4, 5];
    const images = noise(2 * 60);
    const planes = Array.from({ length: 6 }, (_, p) => [
      ...resizeImages(images.subarray(p * 20, p * 20 + 20), [1, 4, 5], [6, 7]),
    ]);
    expect([...resizeImages(images, shape, [6, 7])]).toEqual(planes.flat());
  });

  test('the same size returns a copy of the bytes', () => {
    const images = noise(40);
    const out = resizeImages(images, [1, 4, 5], [4, 5]);
    expect(out).toEqual(images);
    expect(out.buffer).not.toBe(images.buffer);
  });

  test('black stays black, and white stays white', () => {
    expect(new Set(resizeImages(new Uint8Array(784).fill(255), [1, 28, 28], [96, 96]))).toEqual(
      new Set([255]),
    );
    expect(new Set(resizeImages(new Uint8Array(784), [1, 28, 28], [96, 96]))).toEqual(new Set([0]));
  });

  test('rejects invalid sizes', async () => {
    expect(await dataError(() => resizeImages(new Uint8Array(4), [1, 2, 2], [0, 2]))).toMatch(
      /^IMAGE_SHAPE: .*got \[1, 0, 2\]/,
    );
    expect(await dataError(() => resizeImages(new Uint8Array(4), [1, 2, 2], [1e9, 2]))).toMatch(
      /^IMAGE_SHAPE:/,
    );
    expect(await dataError(() => resizeImages(new Uint8Array(5), [1, 2, 2], [2, 2]))).toMatch(
      /^IMAGE_SHAPE: .*got 5/,
    );
  });
});
