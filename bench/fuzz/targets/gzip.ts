// Fuzzes IDX files that are compressed with gzip: damaged streams, several members, trailing bytes, and decompression bombs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { shapeText } from '@isonet/core';
import { parseIdx, readIdx } from '@isonet/data';
import { concat, damaged, uint32 } from '../bytes.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';
import { demand, FILE, target } from '../target.ts';
import { idxFile } from './idx.ts';

/** Returns a function that returns a file path in a temporary folder, created on first use and removed on exit. */
export function scratchFile(): () => string {
  let path: string | undefined;
  return () => {
    if (path === undefined) {
      const folder = mkdtempSync(join(tmpdir(), 'isonet-fuzz-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      path = join(folder, FILE);
    }
    return path;
  };
}

const file = scratchFile();

/** 4 MB of zeros after an IDX header that promises a few bytes, compressed to 4 kB. */
const BOMB = gzipSync(concat(Uint8Array.of(0, 0, 8, 1), uint32(5), new Uint8Array(2 ** 22)));
/** The start of a file whose header promises 4 MB, and a member of 4 MB of zeros. */
const LONG = gzipSync(concat(Uint8Array.of(0, 0, 8, 1), uint32(2 ** 22)));
const ZEROS = gzipSync(new Uint8Array(2 ** 22));

function zipped(random: Random): Uint8Array {
  const content = idxFile(random);
  const level = random.pick([0, 1, 6] as const);
  const whole = gzipSync(content, { level });
  switch (random.below(14)) {
    case 0:
      return content;
    case 1: // two members that form one stream
      return concat(gzipSync(content.subarray(0, 7)), gzipSync(content.subarray(7)));
    case 2:
      return concat(whole, random.oneIn(2) ? whole : random.bytes(random.below(20)));
    case 3:
      return whole.subarray(0, random.below(whole.length + 1));
    case 4:
      return random.oneIn(64) ? BOMB : random.oneIn(64) ? concat(LONG, ZEROS, ZEROS) : whole;
    case 5: {
      // a header with names, comments, extra fields and a wrong checksum
      const flags = random.below(256);
      const extra = random.bytes(random.below(6));
      return concat(Uint8Array.of(0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3), extra, whole.subarray(10));
    }
    case 6: {
      // a stream that ends with a flush instead of a final block
      const body = deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
      return concat(whole.subarray(0, 10), body, random.oneIn(2) ? whole.subarray(-8) : new Uint8Array());
    }
    case 7: // checksum and length
      return concat(whole.subarray(0, -8), random.bytes(8));
    case 8:
    case 9:
    case 10:
      return damaged(random, whole);
    default:
      return whole;
  }
}

/** The target `readIdx`, from a file. */
export const gzip: Target = target({
  name: 'gzip',
  sources: [
    'packages/data/src/idx/readIdx.ts',
    'packages/data/src/readFile.ts',
    'packages/data/src/idx/idx.ts',
  ],
  generate: zipped,
  parse(input) {
    writeFileSync(file(), input);
    return readIdx(file());
  },
  check({ shape, data }, input) {
    demand(
      data.length === shape.reduce((a, b) => a * b, 1),
      'size',
      `${data.length} for ${shapeText(shape)}`,
    );
    if (input[0] === 0) demand(Buffer.compare(parseIdx(input, FILE).data, data) === 0, 'plain file');
  },
});
