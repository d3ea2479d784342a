// Makes an input that shows a fault as small as it gets: parts are left out while the same fault stays.
import { concat } from './bytes.ts';
import type { Target } from './target.ts';
import { Fault } from './target.ts';

/** Runs of the parser, at most. */
const TRIES = 2000;

/** The fault that an input shows, or undefined if the target handles it. */
export async function faultOf(target: Target, input: Uint8Array): Promise<Fault | undefined> {
  try {
    await target.examine(input);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** The smallest input that was found with a fault of the same kind. */
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
