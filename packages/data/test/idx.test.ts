// Tests parsing and encoding IDX, with a distinct error for each defect of a file.
import { encodeIdx, parseIdx, parseIdxLabels } from '@isonet/data';
import { describe, expect, test } from 'vitest';
import { dataError } from './helpers.ts';

// Written by hand from the specification of the format: rank 2, [2, 3].
const TWO_BY_THREE = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255);

/** Returns a copy of `bytes` with byte `at` replaced. */
function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe('parseIdx', () => {
  test('reads shape and elements', () => {
    const { shape, data } = parseIdx(TWO_BY_THREE, 'x');
    expect(shape).toEqual([2, 3]);
    expect([...data]).toEqual([1, 2, 3, 4, 5, 255]);
  });

  test('reads bytes that start inside a larger buffer', () => {
    const larger = new Uint8Array(TWO_BY_THREE.length + 5);
    larger.set(TWO_BY_THREE, 5);
    expect([...parseIdx(larger.subarray(5), 'x').data]).toEqual([1, 2, 3, 4, 5, 255]);
  });

  test.each([[[7]], [[2, 3]], [[2, 3, 4]], [[2, 1, 3, 2]], [[300, 1]]])(
    'reads back what encodeIdx wrote, %j',
    (shape) => {
      const data = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i % 256);
      expect(parseIdx(encodeIdx(shape, data), 'x', shape.length)).toEqual({ shape, data });
    },
  );

  test('encodeIdx produces the bytes written by hand', () => {
    expect(encodeIdx([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 255))).toEqual(TWO_BY_THREE);
  });

  test('rejects truncated elements', async () => {
    expect(await dataError(() => parseIdx(TWO_BY_THREE.subarray(0, 17), 'f'))).toBe(
      'IDX_TRUNCATED: idx "f": truncated: expected 18 bytes for [2, 3], got 17; fetch the file again',
    );
  });

  test.each([0, 3, 4, 11])('rejects a header cut off after %i bytes', async (length) => {
    expect(await dataError(() => parseIdx(TWO_BY_THREE.subarray(0, length), 'f'))).toMatch(
      new RegExp(`^IDX_TRUNCATED: idx "f": truncated: expected a header .*, got ${length};`),
    );
  });

  test('rejects trailing bytes', async () => {
    expect(await dataError(() => parseIdx(Uint8Array.of(...TWO_BY_THREE, 0), 'f'))).toMatch(
      /^IDX_TRAILING: idx "f": expected 18 bytes for \[2, 3\], got more/,
    );
  });

  test('rejects another format', async () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10);
    expect(await dataError(() => parseIdx(png, 'f'))).toMatch(/^IDX_FORMAT: .* start with 00 00, got 89 50$/);
  });

  test('rejects another element type', async () => {
    expect(await dataError(() => parseIdx(patched(TWO_BY_THREE, 2, 0x0d), 'f'))).toMatch(
      /^IDX_FORMAT: .*type 08 \(uint8\), got 0d; other types are not supported$/,
    );
  });

  test.each([0, 5, 255])('rejects a rank of %i', async (rank) => {
    expect(await dataError(() => parseIdx(patched(TWO_BY_THREE, 3, rank), 'f'))).toBe(
      `IDX_RANK: idx "f": expected a rank from 1 to 4, got ${rank}`,
    );
  });

  test('rejects a rank that the caller did not ask for', async () => {
    expect(await dataError(() => parseIdx(TWO_BY_THREE, 'f', 3))).toMatch(
      /^IDX_RANK: .*expected rank 3, got 2; .*swapped$/,
    );
  });

  test('rejects dimensions of more than 1 GiB', async () => {
    const huge = TWO_BY_THREE.slice();
    huge.fill(255, 4, 12);
    expect(await dataError(() => parseIdx(huge, 'f'))).toMatch(
      /^IDX_SIZE: .*got \[4294967295, 4294967295\]$/,
    );
  });

  test('rejects a dimension of 0', async () => {
    expect(await dataError(() => parseIdx(patched(TWO_BY_THREE, 7, 0), 'f'))).toMatch(
      /^IDX_SIZE: .*got \[0, 3\]$/,
    );
  });
});

describe('parseIdxLabels', () => {
  test.each([
    ['uint8', Uint8Array.of(0, 0, 0x08, 1, 0, 0, 0, 2, 7, 255), Uint8Array.of(7, 255)],
    ['int8', Uint8Array.of(0, 0, 0x09, 1, 0, 0, 0, 2, 7, 255), Int32Array.of(7, -1)],
    ['int16', Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 3, 231, 255, 254), Int32Array.of(999, -2)],
    [
      'int32',
      Uint8Array.of(0, 0, 0x0c, 1, 0, 0, 0, 2, 0, 1, 0, 2, 255, 255, 255, 255),
      Int32Array.of(65_538, -1),
    ],
  ])('reads %s', (_, bytes, data) => {
    expect(parseIdxLabels(bytes, 'f')).toEqual({ shape: [2], data });
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(parseIdxLabels(larger.subarray(3), 'f')).toEqual({ shape: [2], data });
  });

  const two = Uint8Array.of(0, 0, 0x0c, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2);
  const huge = Uint8Array.of(0, 0, 0x0c, 1, 0x10, 0, 0, 1);

  test.each([
    ['floats', patched(two, 2, 0x0d), /type 08 \(uint8\), 09 \(int8\), 0b \(int16\), 0c \(int32\), got 0d;/],
    ['images', TWO_BY_THREE, /^IDX_RANK: .*expected rank 1, got 2/],
    ['half an element', two.subarray(0, 15), /^IDX_TRUNCATED: .*expected 16 bytes for \[2\], got 15/],
    ['more bytes', Uint8Array.of(...two, 0), /^IDX_TRAILING: .*expected 16 bytes for \[2\]/],
    ['more than 1 GiB, although fewer elements', huge, /^IDX_SIZE: .*got \[268435457\]$/],
  ])('rejects %s', async (_, bytes, message) => {
    expect(await dataError(() => parseIdxLabels(bytes, 'f'))).toMatch(message);
  });

  test('parseIdx accepts only bytes for images', async () => {
    expect(await dataError(() => parseIdx(two, 'f'))).toMatch(/^IDX_FORMAT: .*\(uint8\), got 0c/);
  });
});

describe('encodeIdx', () => {
  test.each([
    ['IDX_RANK', [], 1],
    ['IDX_RANK', [1, 1, 1, 1, 1], 1],
    ['IDX_SIZE', [2, 3], 5],
    ['IDX_SIZE', [0], 0],
    ['IDX_SIZE', [-1, -2], 2],
  ])('rejects with %s: shape %j for %i bytes', async (code, shape, length) => {
    expect(await dataError(() => encodeIdx(shape, new Uint8Array(length)))).toMatch(new RegExp(`^${code}:`));
  });
});
