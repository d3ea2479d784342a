// The random numbers of a sample: Threefry, keyed by the seed and a stream for each thing that is drawn, counted by (index, epoch).
// Neither the batch nor the order matters, so a resumed run, other batch sizes and other machines see the same bits.
import { type Draw, streamKey, threefry2x32 } from '@isonet/core';

/** Two numbers in [0, 1), of 32 bits each. */
export function pairAt({ seed, epoch }: Draw, stream: number, index: number): readonly [number, number] {
  const [first, second] = threefry2x32(seed, stream, index, epoch);
  return [first / 0x100000000, second / 0x100000000];
}

/** The stream of a thing that is drawn. */
export function augmentStream(name: string): number {
  return streamKey(`augment/${name}`);
}

/** A number in [0, 1) spread over [middle - spread, middle + spread). */
export function around(middle: number, spread: number, unit: number): number {
  return middle + spread * (2 * unit - 1);
}
