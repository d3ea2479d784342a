// IDX files on disk: plain and gzip by content, and damaged gzip of each kind.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { threefry2x32 } from '@isonet/core';
import { encodeIdx, readIdx, readIdxLabels } from '@isonet/data';
import { describe, expect, test } from 'vitest';
import { dataError, tempFolder } from './helpers.ts';

// Noise does not compress: cutting the gzip file really cuts elements, far behind the header.
const NOISE = Uint8Array.from({ length: 20_000 }, (_, i) => threefry2x32(1, 2, i, 0)[0] & 255);
const IDX = encodeIdx([20, 1000], NOISE);

async function fileOf(bytes: Uint8Array, name = 'a.idx'): Promise<string> {
  const path = join(await tempFolder(), name);
  await writeFile(path, bytes);
  return path;
}

describe('readIdx', () => {
  test.each([
    ['plain', IDX, 'a.idx'],
    ['gzip', gzipSync(IDX), 'a.idx.gz'],
    ['gzip, whatever the name says', gzipSync(IDX), 'a.idx'],
    ['plain, whatever the name says', IDX, 'a.idx.gz'],
  ])('reads %s', async (_, bytes, name) => {
    const { shape, data } = await readIdx(await fileOf(bytes, name), 2);
    expect(shape).toEqual([20, 1000]);
    expect(Buffer.compare(data, NOISE)).toBe(0);
  });

  test('reads labels of 16 bits, plain and gzip', async () => {
    const bytes = Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 3, 231, 0, 5);
    for (const file of [bytes, gzipSync(bytes)]) {
      const labels = await readIdxLabels(await fileOf(file));
      expect(labels).toEqual({ shape: [2], data: Int32Array.of(999, 5) });
    }
  });

  test.each([6000, 15_000])('a gzip file cut off after %i bytes', async (length) => {
    const path = await fileOf(gzipSync(IDX).subarray(0, length));
    expect(await dataError(() => readIdx(path))).toMatch(
      /^IDX_TRUNCATED: .*a\.idx": truncated: the gzip stream ends early/,
    );
  });

  test('a gzip file of a truncated IDX file', async () => {
    const path = await fileOf(gzipSync(IDX.subarray(0, 19_000)));
    expect(await dataError(() => readIdx(path))).toMatch(
      /^IDX_TRUNCATED: .*expected 20012 bytes .*, got 19000/,
    );
  });

  test('a gzip file with a flipped byte', async () => {
    const packed = gzipSync(IDX);
    packed[15_000] = (packed[15_000] ?? 0) ^ 1;
    const path = await fileOf(packed);
    expect(await dataError(() => readIdx(path))).toMatch(
      /^IDX_GZIP: .*a\.idx": damaged gzip data \(.+\); fetch/,
    );
  });

  test('gzip magic with nothing behind it', async () => {
    const path = await fileOf(Uint8Array.of(0x1f, 0x8b, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0));
    expect(await dataError(() => readIdx(path))).toMatch(/^IDX_GZIP:/);
  });

  test('a gzip file that inflates to more than its header promises', async () => {
    const bomb = new Uint8Array(50_000_000);
    bomb.set(encodeIdx([1], Uint8Array.of(7)));
    const path = await fileOf(gzipSync(bomb));
    expect(await dataError(() => readIdx(path))).toMatch(
      /^IDX_TRAILING: .*expected 9 bytes for \[1\], got more/,
    );
    // It is zlib that stopped, not a look at what it had inflated.
    await expect(readIdx(path)).rejects.toMatchObject({ cause: { code: 'ERR_BUFFER_TOO_LARGE' } });
  });

  test('the wrong rank, named before anything is inflated', async () => {
    const path = await fileOf(gzipSync(IDX).subarray(0, 6000));
    expect(await dataError(() => readIdx(path, 3))).toMatch(/^IDX_RANK: .*expected rank 3, got 2/);
  });

  test('an empty file, a folder, no file', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'empty'), '');
    expect(await dataError(() => readIdx(join(folder, 'empty')))).toMatch(/^IDX_TRUNCATED: .*got 0/);
    expect(await dataError(() => readIdx(join(folder, 'sub')))).toMatch(
      /^FILE_UNREADABLE: .*a regular file, got a folder/,
    );
    expect(await dataError(() => readIdx(join(folder, 'none')))).toMatch(
      /^FILE_MISSING: idx ".*none": no such file/,
    );
  });
});
