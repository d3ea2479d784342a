// Streams the regular files of a tar archive (POSIX.1-1988 ustar, and the output of GNU tar): 512-byte headers, each
// followed by its data, padded to 512 bytes. Callers look for known names and sizes, so nothing else in an archive is
// trusted.
import { DataError } from '@isonet/core';

/** A file in an archive. */
export interface TarEntry {
  /** The path in the archive, with slashes. */
  readonly name: string;
  readonly bytes: number;
}

/** Receives the data of an entry, in parts. */
export type TarSink = (part: Uint8Array) => Promise<void>;

const BLOCK = 512;
/** The types of entries without data: links, devices and folders. */
const WITHOUT_DATA = '123456';

/**
 * Reads an archive to its end.
 * @param sinkFor returns a sink for each regular file, or undefined to skip it
 * @throws DataError `TAR` for a damaged or truncated archive; any error of a sink
 */
export async function readTar(
  chunks: AsyncIterable<Uint8Array>,
  shown: string,
  sinkFor: (entry: TarEntry) => Promise<TarSink | undefined>,
): Promise<void> {
  const fail = (problem: string): DataError =>
    new DataError('TAR', `archive "${shown}": ${problem}; fetch it again`);
  const header = new Uint8Array(BLOCK);
  let [filled, left, padding] = [0, 0, 0];
  let sink: TarSink | undefined;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      const rest = chunk.length - at;
      if (left > 0) {
        const part = chunk.subarray(at, at + Math.min(left, rest));
        if (sink !== undefined) await sink(part);
        left -= part.length;
        at += part.length;
      } else if (padding > 0) {
        const skipped = Math.min(padding, rest);
        padding -= skipped;
        at += skipped;
      } else {
        const part = chunk.subarray(at, at + Math.min(BLOCK - filled, rest));
        header.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < BLOCK) continue;
        filled = 0;
        if (header.every((byte) => byte === 0)) continue; // Two zero blocks end an archive; padding may follow.
        const entry = parseHeader(header, fail);
        left = WITHOUT_DATA.includes(entry.type) ? 0 : entry.bytes;
        padding = (BLOCK - (left % BLOCK)) % BLOCK;
        sink = entry.type === '0' ? await sinkFor(entry) : undefined;
      }
    }
  }
  if (filled > 0 || left > 0 || padding > 0) throw fail('truncated');
}

function parseHeader(
  header: Uint8Array,
  fail: (problem: string) => DataError,
): TarEntry & { readonly type: string } {
  const field = (from: number, to: number): string => {
    const bytes = header.subarray(from, to);
    const end = bytes.indexOf(0);
    return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
  };
  const octal = (name: string, from: number, to: number): number => {
    const digits = field(from, to).trim();
    if (!/^[0-7]{1,12}$/.test(digits)) throw fail(`damaged: a header lacks its ${name}`);
    return parseInt(digits, 8);
  };
  // The checksum is the sum of the header's bytes, where its own bytes count as spaces.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (octal('checksum', 148, 156) !== sum) throw fail('damaged: the checksum of a header does not match');
  const type = field(156, 157);
  const prefix = field(257, 262) === 'ustar' ? field(345, 500) : '';
  const name = field(0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    bytes: octal('size', 124, 136),
    type: type === '' || type === '7' ? '0' : type,
  };
}
