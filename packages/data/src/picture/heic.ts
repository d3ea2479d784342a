// Detects HEIC images, which phones produce, by their first bytes, because the usual decoders cannot read them.

/** Brands of ISO/IEC 23008-12, annex B, whose images are coded in HEVC. */
const BRANDS: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
/** Brands that do not specify the coding; AVIF uses them, too. */
const OPEN_BRANDS: ReadonlySet<string> = new Set(['mif1', 'msf1']);
/** The maximum number of brands to check; no real file lists as many. */
const MAX_BRANDS = 64;

/** The reason that HEIC cannot be decoded, and the workaround. */
export const HEIC_FIX: string =
  "needs an HEVC decoder, which sharp's prebuilt binaries lack; convert to JPEG first: " +
  'sips -s format jpeg IN.heic --out OUT.jpg (macOS) or heif-convert IN.heic OUT.jpg';

/** Returns whether a file starts like a HEIC image: with a box `ftyp` and its brands (ISO/IEC 14496-12, 4.3). */
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
