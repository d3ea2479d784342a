// Turns: after a pause, a candidate runs its work a few times in a row; the first runs bring its code and data back into the caches and
// do not count. Then it is the next one's turn. What drifts on a machine, its clock or its load, meets all candidates alike.
import { setTimeout } from 'node:timers/promises';
import type { CandidateProcess, StopRequest } from '../candidates/process.ts';
import { CandidateError, PROTOCOL_FIX } from '../candidates/process.ts';
import type { Request, Timed } from '../protocol.ts';
import type { Work } from '../report.ts';
import { median } from '../statistics.ts';

/** A candidate that is open. */
export interface TurnCandidate {
  readonly name: string;
  readonly process: Pick<CandidateProcess, 'ask'>;
  readonly work: Work;
  /** Counted runs per turn. */
  readonly runs: number;
  /** A product of matrices and how often it is timed per turn; undefined where the library has none. */
  readonly product: { readonly size: number; readonly runs: number } | undefined;
}

/** What it took: the mean per run of each turn. */
export interface TurnTimes {
  readonly milliseconds: number[];
  readonly products: number[];
}

/** How long the counted runs of a turn last, where a run is short enough. */
const TURN_MS = 100;
/** Runs before them that do not count, as a part of theirs: about 50 ms, or one run. */
const UNCOUNTED_PART = 0.5;
/** Nobody works this long before a turn: threads of Intel's OpenMP spin for 200 ms after their last work, and would take cores. */
export const PAUSE_MS = 250;
const MOST_RUNS = 50;
/** The runs that warm up last about this long, and are {@link MOST_RUNS} at most. Of those that take longer, one is enough. */
const WARM_UP_MS = 500;
/**
 * Matrices are doubled as long as a product will take no longer than this. A processor stays at 512 or 1024; a GPU, which does a product
 * of 1024 in the time of a launch, goes up to the largest.
 */
const LONGEST_PRODUCT_MS = 100;
const [SMALLEST_PRODUCT, LARGEST_PRODUCT] = [256, 4096] as const;

type Ask = (count: number) => Promise<Timed>;

/** What requests need of a candidate. */
type Asked = Pick<TurnCandidate, 'process' | 'work'>;

/**
 * Runs a candidate's work until it is warm.
 * @returns how many runs make a turn
 * @throws CandidateError; Interrupted
 */
export async function warmUp(candidate: Asked, stop: StopRequest): Promise<number> {
  return warmedUp((count) => ask(candidate, { do: 'run', count }, stop));
}

/**
 * Finds the size of the product that a candidate's work is compared with, and warms it up.
 * @returns undefined where its library has none
 * @throws CandidateError where it dies of it; Interrupted
 */
export async function warmUpProduct(candidate: Asked, stop: StopRequest): Promise<TurnCandidate['product']> {
  for (let size: number = SMALLEST_PRODUCT; ; size *= 2) {
    const timed = (count: number): Promise<Timed> => ask(candidate, { do: 'product', size, count }, stop);
    try {
      // The first one compiles.
      await timed(1);
      const { milliseconds } = await timed(1);
      const isLast = size === LARGEST_PRODUCT || 8 * median(milliseconds) > LONGEST_PRODUCT_MS;
      if (isLast) return { size, runs: await warmedUp(timed) };
    } catch (error) {
      // A library that has no product, or none of this size, answers so; one that is gone fails at its next turn.
      if (error instanceof CandidateError) return undefined;
      throw error;
    }
  }
}

async function warmedUp(timed: Ask): Promise<number> {
  const { milliseconds: first } = await timed(1);
  const { milliseconds } = await timed(runsIn(WARM_UP_MS, median(first)));
  // The fastest, since the others were still warming up.
  return runsIn(TURN_MS, Math.min(...milliseconds));
}

/** Where the clock saw no time pass, as many as may be. */
function runsIn(duration: number, each: number): number {
  return Math.min(MOST_RUNS, Math.ceil(duration / each));
}

/** How rounds go, and who wants to know. */
export interface RoundOptions<C extends TurnCandidate> {
  readonly rounds: number;
  readonly stop: StopRequest;
  /** Milliseconds before each turn in which nobody works; a single candidate needs none. */
  readonly pauseMs: number;
  /** Called before each round and after the last. */
  readonly onRound: (done: number) => void;
  /** Called once for a candidate that fails; it has no turns any more. */
  readonly onFailure: (candidate: C, error: CandidateError) => void;
}

/** Rounds between two timings of the matrix product. */
const PRODUCT_EVERY = 3;

/**
 * Lets candidates take turns, A B C A B C ..., until the last round or until somebody asks to stop, which the turn in hand does not
 * notice. A candidate that fails is dropped together with its times.
 * @returns the times of those that are left, of whole rounds alone
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

/** Less than a nanosecond per run, in milliseconds, is no time that a clock has seen. */
const LEAST_MS = 1e-6;

/** A turn: runs that do not count, then those whose mean does. @throws CandidateError where no time passed */
async function meanOf(
  candidate: Asked,
  runs: number,
  request: (count: number) => TimedRequest,
): Promise<number> {
  const uncounted = Math.ceil(runs * UNCOUNTED_PART);
  const { milliseconds } = await ask(candidate, request(uncounted + runs));
  const mean = milliseconds.slice(uncounted).reduce((sum, one) => sum + one, 0) / runs;
  if (mean >= LEAST_MS) return mean;
  throw new CandidateError('its clock saw no time pass', PROTOCOL_FIX);
}

type TimedRequest = Extract<Request, { readonly do: 'run' | 'product' }>;

/** @throws CandidateError where it gives other than one time for each run, or no loss of its steps */
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
  return new CandidateError(`answers "${request.do}" wrongly: ${problem}`, PROTOCOL_FIX);
}
