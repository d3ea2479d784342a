// Tests reading IDX files from disk: plain and gzipped, detected by content, and all kinds of damaged gzip streams.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { threefry2x32 } from '@isonet/core';
import { encodeIdx, readIdx, readIdxLabels } from '@isonet/data';
import { describe, expect, test } from 'vitest';
import { dataError, tempFolder } from './helpers.ts';

// Noise does not compress, so truncating the gzip file removes elements far behind the header.
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
    ['gzip without the extension', gzipSync(IDX), 'a.idx'],
    ['plain with the extension of gzip', IDX, 'a.idx.gz'],
  ])('reads %s', async (_, bytes, name) => {
    const { shape, data } = await readIdx(await fileOf(bytes, name), 2);
    expect(shape).toEqual([20, 1000]);
    expect(Buffer.compare(data, NOISE)).toBe(0);
  });

  test('reads 16-bit labels, plain and gzipped', async () => {
    const bytes = Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 3, 231, 0, 5);
    for (const file of [bytes, gzipSync(bytes)]) {
      const labels = await readIdxLabels(await fileOf(file));
      expect(labels).toEqual({ shape: [2], data: Int32Array.of(999, 5) });
    }
  });

  test.each([6000, 15_000])('rejects a gzip file cut off after %i bytes', async (length) => {
    const path = await fileOf(gzipSync(IDX).subarray(0, length));
    expect(await dataError(() => readIdx(path))).toMatch(
      /^IDX_TRUNCATED: .*a\.idx": truncated: the gzip stream ends early/,
    );
  });

  test('rejects a gzip file of a truncated IDX file', async () => {
    const path = await fileOf(gzipSync(IDX.subarray(0, 19_000)));
    expect(await dataError(() => readIdx(path))).toMatch(
      /^IDX_TRUNCATED: .*expected 20012 bytes .*, got 19000/,
    );
  });

  test('rejects a gzip file with a flipped bit', async () => {
    const packed = gzipSync(IDX);
    packed[15_000] = (packed[15_000] ?? 0) ^ 1;
    const path = await fileOf(packed);
    expect(await dataError(() => readIdx(path))).toMatch(
      /^IDX_GZIP: .*a\.idx": damaged gzip data \(.+\); fetch/,
    );
  });

  test('rejects a gzip signature without data', async () => {
    const path = await fileOf(Uint8Array.of(0x1f, 0x8b, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0));
    expect(await dataError(() => readIdx(path))).toMatch(/^IDX_GZIP:/);
  });

  test('rejects a gzip file that inflates to more than the IDX header declares', async () => {
    const bomb = new Uint8Array(50_000_000);
    bomb.set(encodeIdx([1], Uint8Array.of(7)));
    const path = await fileOf(gzipSync(bomb));
    expect(await dataError(() => readIdx(path))).toMatch(
      /^IDX_TRAILING: .*expected 9 bytes for \[1\], got more/,
    );
    // zlib stopped early, before it inflated everything.
    await expect(readIdx(path)).rejects.toMatchObject({ cause: { code: 'ERR_BUFFER_TOO_LARGE' } });
  });

  test('rejects the wrong rank before inflating the elements', async () => {
    const path = await fileOf(gzipSync(IDX).subarray(0, 6000));
    expect(await dataError(() => readIdx(path, 3))).toMatch(/^IDX_RANK: .*expected rank 3, got 2/);
  });

  test('rejects an empty file, a folder and a missing file', async () => {
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
