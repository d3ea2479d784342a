// The only source of randomness: Threefry-2x32-20 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11). It is
// counter-based, so every draw is a pure function of (seed, stream, time, index), independent of order, layout and backend, and
// a resumed run draws the same bits. It uses only integer arithmetic and one exact scaling: no Math.cos, no Math.log.
import { DataError } from './errors.ts';
import type { Shape } from './tensor.ts';
import { sizeOf } from './tensor.ts';

const PARITY = 0x1bd11bda;
const EVEN_ROTATIONS = [13, 15, 26, 6] as const;
const ODD_ROTATIONS = [17, 29, 16, 24] as const;

/** Computes one block of Threefry-2x32-20: two 32-bit words from a key and a counter of two words each. */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): [number, number] {
  // After each group of rounds, add the next two of the three key words in rotation.
  let [next, second, third] = [key1, (key0 ^ key1 ^ PARITY) | 0, key0];
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < 5; group++) {
    for (const r of group % 2 === 0 ? EVEN_ROTATIONS : ODD_ROTATIONS) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    x0 = (x0 + next) | 0;
    x1 = (x1 + second + group + 1) | 0;
    const first = next;
    next = second;
    second = third;
    third = first;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** Returns the second key word of a named stream: 32-bit FNV-1a over the name's UTF-16 code units. */
export function streamKey(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Returns the top 24 bits of a word as a float in [0, 1), exact in float32. */
function unitFloat(word: number): number {
  return (word >>> 8) / 0x1000000;
}

/**
 * Returns `count` uniform float32 numbers in [0, 1). Number i is drawn at counter (first + i, time).
 * @param key1 the stream's key, see {@link streamKey}
 */
export function uniformBlock(
  seed: number,
  key1: number,
  time: number,
  first: number,
  count: number,
): Float32Array {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = unitFloat(threefry2x32(seed, key1, first + i, time)[0]);
  return out;
}

/**
 * Returns the result of the op randomUniform for its input and attributes.
 * @param random `[seed, time, first]`, where `first` is the position of sample 0 in the whole batch
 * @throws DataError `LENGTH` if `random` is shorter
 */
export function drawUniform(
  random: ArrayLike<number>,
  { shape, stream }: { readonly shape: Shape; readonly stream: number },
): Float32Array {
  const [seed, time, first] = Array.from(random);
  if (seed === undefined || time === undefined || first === undefined) {
    throw new DataError('LENGTH', `random: expected [seed, time, first], got ${random.length} values`);
  }
  return uniformBlock(seed, stream, time, first * sizeOf(shape.slice(1)), sizeOf(shape));
}

/**
 * Returns a permutation of 0..n-1 by Fisher-Yates: swap i is drawn at counter (i, time) of the stream. For shuffles, `time` is
 * the epoch.
 */
export function permutation(seed: number, stream: string, time: number, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const key1 = streamKey(stream);
  for (let i = n - 1; i > 0; i--) {
    // Scaling 32 bits to 0..i by multiplication is exact in float64, with a bias below n / 2^32.
    const j = Math.floor((threefry2x32(seed, key1, i, time)[0] * (i + 1)) / 0x100000000);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
