// The random numbers of a sample: Threefry, keyed by the seed and a stream for each kind of draw, with (index, epoch) as
// the counter. They do not depend on the batch or the order, so a resumed run, another batch size and another machine
// produce the same bits.
import { type Draw, streamKey, threefry2x32 } from '@isonet/core';

/** Returns two random numbers in [0, 1), with 32 bits each. */
export function pairAt({ seed, epoch }: Draw, stream: number, index: number): readonly [number, number] {
  const [first, second] = threefry2x32(seed, stream, index, epoch);
  return [first / 0x100000000, second / 0x100000000];
}

/** Returns the stream of a kind of draw. */
export function augmentStream(name: string): number {
  return streamKey(`augment/${name}`);
}

/** Maps a number in [0, 1) to [middle - spread, middle + spread). */
export function around(middle: number, spread: number, unit: number): number {
  return middle + spread * (2 * unit - 1);
}
