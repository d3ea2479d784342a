// Pictures in HEIC, as phones take them: known by their first bytes, because the decoders that are installed cannot read them.

/** Brands of ISO/IEC 23008-12, annex B, whose pictures are coded in HEVC. */
const BRANDS: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
/** Brands that say nothing of the coding; AVIF has them, too. */
const OPEN_BRANDS: ReadonlySet<string> = new Set(['mif1', 'msf1']);
/** More brands than any file lists. */
const MAX_BRANDS = 64;

/** What is missing to read them, and the way round it. */
export const HEIC_FIX: string =
  "needs an HEVC decoder, which sharp's prebuilt binaries lack; convert to JPEG first: " +
  'sips -s format jpeg IN.heic --out OUT.jpg (macOS) or heif-convert IN.heic OUT.jpg';

/** Whether a file begins as a HEIC picture does: a box `ftyp` with its brands (ISO/IEC 14496-12, 4.3). */
export function isHeic(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || word(bytes, 4) !== 'ftyp') return false;
  const box = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const end = Math.min(box, bytes.length, 16 + 4 * MAX_BRANDS);
  const major = word(bytes, 8);
  if (BRANDS.has(major)) return true;
  if (!OPEN_BRANDS.has(major)) return false;
  for (let at = 16; at + 4 <= end; at += 4) if (BRANDS.has(word(bytes, at))) return true;
  return false;
}

function word(bytes: Uint8Array, at: number): string {
  return String.fromCodePoint(...bytes.subarray(at, at + 4));
}
