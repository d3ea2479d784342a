// Format-independent mutations of bytes, like the damage from a bad disk or an interrupted transfer.
import type { Random } from './random.ts';

/** Concatenates byte arrays. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Encodes a string as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Encodes a 32-bit unsigned integer, big-endian. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Values at which 32-bit lengths, signs and sums overflow, and small values. */
export const EDGES = [
  0,
  1,
  2,
  3,
  4,
  8,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 24,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
] as const;

/** Returns `bytes`, changed in one to three places. */
export function damaged(random: Random, bytes: Uint8Array): Uint8Array {
  let result = bytes;
  for (let n = 1 + random.below(3); n > 0; n--) result = changed(random, result);
  return result;
}

function changed(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const until = Math.min(bytes.length, at + 1 + random.below(8));
  switch (random.below(7)) {
    case 0: // truncated
      return bytes.slice(0, at);
    case 1: // a part is missing
      return concat(bytes.subarray(0, at), bytes.subarray(until));
    case 2: // a part is repeated
      return concat(bytes.subarray(0, until), bytes.subarray(at));
    case 3: // noise in between
      return concat(bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at));
    case 4: // a block of zeros, as a crash of the file system leaves it
      return new Uint8Array(bytes).fill(0, at, until);
    case 5: {
      const copy = new Uint8Array(bytes);
      copy.set(uint32(random.pick(EDGES)).subarray(0, copy.length - at), at);
      return copy;
    }
    default: {
      const copy = new Uint8Array(bytes);
      const byte = copy[at];
      if (byte !== undefined) copy[at] = byte ^ (1 << random.below(8));
      return copy;
    }
  }
}
