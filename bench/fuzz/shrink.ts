// Shrinks an input that shows a fault: removes parts as long as the same fault remains.
import { concat } from './bytes.ts';
import type { Target } from './target.ts';
import { Fault } from './target.ts';

/** The maximum number of runs of the parser. */
const TRIES = 2000;

/** Returns the fault that an input shows, or undefined if the target handles it. */
export async function faultOf(target: Target, input: Uint8Array): Promise<Fault | undefined> {
  try {
    await target.examine(input);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** Returns the smallest input found with a fault of the same kind. */
export async function shrunk(target: Target, input: Uint8Array, { kind }: Fault): Promise<Uint8Array> {
  let least = input;
  let tries = 0;
  for (let length = Math.ceil(least.length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at < least.length && tries < TRIES; tries++) {
      const without = concat(least.subarray(0, at), least.subarray(at + length));
      if ((await faultOf(target, without))?.kind === kind) least = without;
      else at += length;
    }
  }
  return least;
}
