// Lets candidates take turns. In a turn, after a pause, a candidate runs its work a few times in a row; the first runs only bring its
// code and data back into the caches. Then the next candidate takes its turn. So a drift of the clock or the load affects all candidates
// equally.
import { setTimeout } from 'node:timers/promises';
import type { CandidateProcess, StopRequest } from '../candidates/process.ts';
import { CandidateError, PROTOCOL_FIX } from '../candidates/process.ts';
import type { Request, Timed } from '../protocol.ts';
import type { Work } from '../report.ts';
import { median } from '../statistics.ts';

/** An open candidate. */
export interface TurnCandidate {
  readonly name: string;
  readonly process: Pick<CandidateProcess, 'ask'>;
  readonly work: Work;
  /** The number of counted runs per turn. */
  readonly runs: number;
  /** The matrix product, and the number of its timed runs per turn; undefined if the library has none. */
  readonly product: { readonly size: number; readonly runs: number } | undefined;
}

/** The times of a candidate: the mean per run for each turn. */
export interface TurnTimes {
  readonly milliseconds: number[];
  readonly products: number[];
}

/** The duration of the counted runs of a turn, if a run is short enough. */
const TURN_MS = 100;
/** The duration of the uncounted runs as a fraction of that of the counted runs: about 50 ms, or one run. */
const UNCOUNTED_PART = 0.5;
/** The pause before a turn. Threads of Intel's OpenMP spin for 200 ms after their last work, and would occupy cores. */
export const PAUSE_MS = 250;
const MOST_RUNS = 50;
/** The duration of the warm-up, with at most {@link MOST_RUNS} runs. If a run takes longer, one is enough. */
const WARM_UP_MS = 500;
/**
 * The size of the matrices doubles as long as a product takes no longer than this. A CPU reaches 512 or 1024; a GPU, which computes a
 * product of size 1024 in the time of a kernel launch, reaches the largest size.
 */
const LONGEST_PRODUCT_MS = 100;
const [SMALLEST_PRODUCT, LARGEST_PRODUCT] = [256, 4096] as const;

type Ask = (count: number) => Promise<Timed>;

/** The parts of a candidate that are needed to send it a request. */
type Asked = Pick<TurnCandidate, 'process' | 'work'>;

/**
 * Warms up a candidate.
 * @returns the number of counted runs per turn
 * @throws CandidateError; Interrupted
 */
export async function warmUp(candidate: Asked, stop: StopRequest): Promise<number> {
  return warmedUp((count) => ask(candidate, { do: 'run', count }, stop));
}

/**
 * Chooses the size of the matrix product that the work of a candidate is compared with, and warms it up.
 * @returns undefined if the library has no product
 * @throws Interrupted
 */
export async function warmUpProduct(candidate: Asked, stop: StopRequest): Promise<TurnCandidate['product']> {
  for (let size: number = SMALLEST_PRODUCT; ; size *= 2) {
    const timed = (count: number): Promise<Timed> => ask(candidate, { do: 'product', size, count }, stop);
    try {
      // The first product also compiles its kernel.
      await timed(1);
      const { milliseconds } = await timed(1);
      const isLast = size === LARGEST_PRODUCT || 8 * median(milliseconds) > LONGEST_PRODUCT_MS;
      if (isLast) return { size, runs: await warmedUp(timed) };
    } catch (error) {
      // The library has no product, or none of this size. If the process has died, its next turn fails.
      if (error instanceof CandidateError) return undefined;
      throw error;
    }
  }
}

async function warmedUp(timed: Ask): Promise<number> {
  const { milliseconds: first } = await timed(1);
  const { milliseconds } = await timed(runsIn(WARM_UP_MS, median(first)));
  // Use the fastest, because the others were still warming up.
  return runsIn(TURN_MS, Math.min(...milliseconds));
}

/** Returns the number of runs that fill a duration; the maximum if the clock measured no time. */
function runsIn(duration: number, each: number): number {
  return Math.min(MOST_RUNS, Math.ceil(duration / each));
}

/** The number of rounds, the pauses and the callbacks. */
export interface RoundOptions<C extends TurnCandidate> {
  readonly rounds: number;
  readonly stop: StopRequest;
  /** The idle time before each turn, in milliseconds. A single candidate has no pauses. */
  readonly pauseMs: number;
  /** Called before each round and after the last one. */
  readonly onRound: (done: number) => void;
  /** Called once for a candidate that fails. It takes no further turns. */
  readonly onFailure: (candidate: C, error: CandidateError) => void;
}

/** The product is timed in every third round. */
const PRODUCT_EVERY = 3;

/**
 * Lets candidates take turns, A B C A B C ..., until the last round or a request to stop; the current turn always finishes. If a
 * candidate fails, it is dropped together with its times.
 * @returns the times of the remaining candidates, for complete rounds only
 */
export async function takeTurns<C extends TurnCandidate>(
  candidates: readonly C[],
  { rounds, stop, pauseMs, onRound, onFailure }: RoundOptions<C>,
): Promise<ReadonlyMap<C, TurnTimes>> {
  const times = new Map<C, TurnTimes>(candidates.map((one) => [one, { milliseconds: [], products: [] }]));
  const each = async (turn: (candidate: C, own: TurnTimes) => Promise<void>): Promise<boolean> => {
    for (const [candidate, own] of times) {
      if (times.size > 1 && !stop.aborted) await setTimeout(pauseMs);
      if (stop.aborted) return false;
      try {
        await turn(candidate, own);
      } catch (error) {
        if (!(error instanceof CandidateError)) throw error;
        times.delete(candidate);
        onFailure(candidate, error);
      }
    }
    return true;
  };
  let whole = 0;
  for (let round = 0; round < rounds && times.size > 0; round++) {
    onRound(round);
    const isWhole = await each(async (candidate, { milliseconds }) => {
      milliseconds.push(await meanOf(candidate, candidate.runs, (count) => ({ do: 'run', count })));
    });
    if (!isWhole) break;
    whole = round + 1;
    if (round % PRODUCT_EVERY > 0) continue;
    await each(async (candidate, { products }) => {
      if (!candidate.product) return;
      const { size, runs } = candidate.product;
      products.push(await meanOf(candidate, runs, (count) => ({ do: 'product', size, count })));
    });
  }
  onRound(whole);
  for (const { milliseconds } of times.values()) milliseconds.length = whole;
  return times;
}

/** The smallest valid mean, in milliseconds: below a nanosecond, the clock has measured no time. */
const LEAST_MS = 1e-6;

/** Takes a turn: uncounted runs, then counted ones. @returns the mean of the counted runs @throws CandidateError if no time passed */
async function meanOf(
  candidate: Asked,
  runs: number,
  request: (count: number) => TimedRequest,
): Promise<number> {
  const uncounted = Math.ceil(runs * UNCOUNTED_PART);
  const { milliseconds } = await ask(candidate, request(uncounted + runs));
  const mean = milliseconds.slice(uncounted).reduce((sum, one) => sum + one, 0) / runs;
  if (mean >= LEAST_MS) return mean;
  throw new CandidateError('measured a time of zero', PROTOCOL_FIX);
}

type TimedRequest = Extract<Request, { readonly do: 'run' | 'product' }>;

/** Sends a timed request. @throws CandidateError unless the answer has one time per run, and the loss of training steps */
async function ask({ process, work }: Asked, request: TimedRequest, stop?: StopRequest): Promise<Timed> {
  const timed = await process.ask(request, stop);
  const { length } = timed.milliseconds;
  if (length !== request.count) throw wrong(request, `expected ${request.count} times, got ${length}`);
  if (request.do === 'run' && work === 'step' && timed.loss === undefined) {
    throw wrong(request, 'loss: expected a finite number, got nothing');
  }
  return timed;
}

function wrong(request: TimedRequest, problem: string): CandidateError {
  return new CandidateError(`sent an invalid answer to "${request.do}": ${problem}`, PROTOCOL_FIX);
}
