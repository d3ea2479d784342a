// Resizes with a triangle filter that widens when shrinking, bitwise identical to Pillow's `Image.resize(size, BILINEAR)`:
// 22-bit fixed-point weights, rows first, then columns, each rounded to a byte. Networks trained with torchvision saw these
// pixels.
import type { Area, Size } from './placement.ts';

/** Fills `out`, `[channels, width]`, with row `y` of an image. */
export type RowReader = (y: number, out: Uint8Array) => void;

/** The source of a resize. */
export interface Source extends Size {
  readonly channels: number;
  readonly readRow: RowReader;
}

/** The source pixels and weights of each position on one axis of the result. */
interface Taps {
  /** The maximum number of pixels per position. */
  readonly most: number;
  /** The first pixel. `[count]` */
  readonly first: Int32Array;
  /** The number of pixels. `[count]` */
  readonly length: Int32Array;
  /** The weights, in units of 2^-22. `[count, most]` */
  readonly weights: Int32Array;
}

/** The bits of a weight. As in Pillow, 8 bits of a pixel, 22 of a weight and 2 of overflow add up to 32. */
const BITS = 22;
const ONE = 2 ** BITS;
const HALF = 2 ** (BITS - 1);

/**
 * Returns a window of the image scaled to `scaled`, computing only the rows and columns that it needs.
 * `-> [channels, window.height, window.width]`, bytes
 */
export function resample(source: Source, scaled: Size, window: Area): Uint8Array {
  const { channels, width, height, readRow } = source;
  const across = tapsOf(width, scaled.width, window.left, window.width);
  const down = tapsOf(height, scaled.height, window.top, window.height);
  const last = window.height - 1;
  // An unchanged height needs only the window's own rows, because all other taps have weight 0.
  const staysTall = scaled.height === height;
  const top = staysTall ? window.top : down.first[0]!;
  const rows = staysTall ? window.height : down.first[last]! + down.length[last]! - top;
  // The needed rows, resized horizontally: [channels, rows, window.width].
  const narrow = new Uint8Array(channels * rows * window.width);
  const row = new Uint8Array(channels * width);
  for (let y = 0; y < rows; y++) {
    readRow(top + y, row);
    for (let c = 0; c < channels; c++) {
      const from = row.subarray(c * width, (c + 1) * width);
      const start = (c * rows + y) * window.width;
      const to = narrow.subarray(start, start + window.width);
      if (scaled.width === width) to.set(from.subarray(window.left, window.left + window.width));
      else alongRow(from, across, to);
    }
  }
  const out = new Uint8Array(channels * window.height * window.width);
  const area = window.height * window.width;
  for (let c = 0; c < channels; c++) {
    const from = narrow.subarray(c * rows * window.width, (c + 1) * rows * window.width);
    const to = out.subarray(c * area, (c + 1) * area);
    if (staysTall) to.set(from);
    else alongColumns(from, window.width, top, down, to);
  }
  return out;
}

function alongRow(from: Uint8Array, { most, first, length, weights }: Taps, to: Uint8Array): void {
  for (let x = 0; x < to.length; x++) {
    const start = first[x]!;
    const count = length[x]!;
    let sum = HALF;
    for (let k = 0; k < count; k++) sum += from[start + k]! * weights[x * most + k]!;
    to[x] = byteOf(sum);
  }
}

function alongColumns(
  from: Uint8Array,
  width: number,
  top: number,
  { most, first, length, weights }: Taps,
  to: Uint8Array,
): void {
  const sums = new Int32Array(width);
  for (let y = 0; y < first.length; y++) {
    sums.fill(HALF);
    for (let k = 0; k < length[y]!; k++) {
      const weight = weights[y * most + k]!;
      const start = (first[y]! - top + k) * width;
      for (let x = 0; x < width; x++) sums[x]! += from[start + x]! * weight;
    }
    for (let x = 0; x < width; x++) to[y * width + x] = byteOf(sums[x]!);
  }
}

/** Converts a sum to a byte. Weights are rounded, so a sum may slightly exceed 255. */
function byteOf(sum: number): number {
  const byte = sum >> BITS;
  return byte > 255 ? 255 : byte;
}

/** Computes the taps of positions `from` to `from + count` of `outLength`, on an axis of `length` pixels. */
function tapsOf(length: number, outLength: number, from: number, count: number): Taps {
  const scale = length / outLength;
  // Half the width of the triangle, in source pixels.
  const support = Math.max(scale, 1);
  const most = Math.ceil(support) * 2 + 1;
  const taps: Taps = {
    most,
    first: new Int32Array(count),
    length: new Int32Array(count),
    weights: new Int32Array(count * most),
  };
  const raw = new Float64Array(most);
  for (let i = 0; i < count; i++) {
    const centre = (from + i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), length);
    let total = 0;
    for (let k = 0; k < end - first; k++) {
      // Pillow multiplies by the reciprocal; a division would round differently.
      const away = Math.abs((k + first - centre + 0.5) * (1 / support));
      raw[k] = away < 1 ? 1 - away : 0;
      total += raw[k]!;
    }
    for (let k = 0; k < end - first; k++) {
      taps.weights[i * most + k] = Math.trunc(0.5 + (raw[k]! / total) * ONE);
    }
    taps.first[i] = first;
    taps.length[i] = end - first;
  }
  return taps;
}
