// Turns: a candidate runs its work a few times in a row, the first of which brings its code and data back into the caches and does
// not count; then it is the next one's turn. What drifts on a machine, its clock or its load, meets all candidates alike.
import type { CandidateProcess, StopRequest } from '../candidates/process.ts';
import { CandidateError, PROTOCOL_FIX } from '../candidates/process.ts';
import type { Request, Timed } from '../protocol.ts';
import { median } from '../statistics.ts';

/** A candidate that is open. */
export interface Contestant {
  readonly name: string;
  readonly process: Pick<CandidateProcess, 'ask'>;
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

/** How long a turn lasts, where a run is short enough. */
const TURN_MS = 100;
const MOST_RUNS = 50;
/** The runs that warm up last about this long, and are {@link MOST_RUNS} at most. Of those that take longer, one is enough. */
const WARM_UP_MS = 500;
/** Matrices are doubled as long as a product will take no longer than this. */
const LONGEST_PRODUCT_MS = 1000;
const [SMALLEST_PRODUCT, LARGEST_PRODUCT] = [256, 1024] as const;

type Ask = (count: number) => Promise<Timed>;

/**
 * Runs a candidate's work until it is warm.
 * @returns how many runs make a turn
 * @throws CandidateError; Interrupted
 */
export async function warmUp(process: Contestant['process'], stop: StopRequest): Promise<number> {
  return warmedUp((count) => ask(process, { do: 'run', count }, stop));
}

/**
 * Finds the size of the product that a candidate's work is compared with, and warms it up.
 * @returns undefined where its library has none
 * @throws CandidateError where it dies of it; Interrupted
 */
export async function warmUpProduct(
  process: Contestant['process'],
  stop: StopRequest,
): Promise<Contestant['product']> {
  for (let size: number = SMALLEST_PRODUCT; ; size *= 2) {
    const timed = (count: number): Promise<Timed> => ask(process, { do: 'product', size, count }, stop);
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
export interface RoundOptions<C extends Contestant> {
  readonly rounds: number;
  readonly stop: StopRequest;
  /** Called before each round and after the last. */
  readonly onRound: (done: number) => void;
  /** Called once for a candidate that fails; it has no turns any more. */
  readonly onFailure: (contestant: C, error: CandidateError) => void;
}

/** Products are timed after every so many rounds. */
const PRODUCT_EVERY = 3;

/**
 * Lets candidates take turns, A B C A B C ..., until the last round or until somebody asks to stop, which the turn in hand does not
 * notice. Who fails leaves the round; its times are of no use then.
 * @returns the times of those that are left, of whole rounds alone
 */
export async function takeTurns<C extends Contestant>(
  contestants: readonly C[],
  { rounds, stop, onRound, onFailure }: RoundOptions<C>,
): Promise<ReadonlyMap<C, TurnTimes>> {
  const times = new Map<C, TurnTimes>(contestants.map((one) => [one, { milliseconds: [], products: [] }]));
  const each = async (turn: (contestant: C, own: TurnTimes) => Promise<void>): Promise<boolean> => {
    for (const [contestant, own] of times) {
      if (stop.aborted) return false;
      try {
        await turn(contestant, own);
      } catch (error) {
        if (!(error instanceof CandidateError)) throw error;
        times.delete(contestant);
        onFailure(contestant, error);
      }
    }
    return true;
  };
  let whole = 0;
  for (let round = 0; round < rounds && times.size > 0; round++) {
    onRound(round);
    const isWhole = await each(async ({ process, runs }, { milliseconds }) => {
      milliseconds.push(await meanOf({ process, runs }, (count) => ({ do: 'run', count })));
    });
    if (!isWhole) break;
    whole = round + 1;
    if (round % PRODUCT_EVERY > 0) continue;
    await each(async ({ process, product }, { products }) => {
      if (!product) return;
      const { size, runs } = product;
      products.push(await meanOf({ process, runs }, (count) => ({ do: 'product', size, count })));
    });
  }
  onRound(whole);
  for (const { milliseconds } of times.values()) milliseconds.length = whole;
  return times;
}

/** A turn: one run that does not count, then those whose mean does. */
async function meanOf(
  { process, runs }: Pick<Contestant, 'process' | 'runs'>,
  request: (count: number) => TimedRequest,
): Promise<number> {
  const { milliseconds } = await ask(process, request(runs + 1));
  return milliseconds.slice(1).reduce((sum, one) => sum + one, 0) / runs;
}

type TimedRequest = Extract<Request, { readonly do: 'run' | 'product' }>;

/** @throws CandidateError where it gives other than one time for each run */
async function ask(
  process: Contestant['process'],
  request: TimedRequest,
  stop?: StopRequest,
): Promise<Timed> {
  const timed = await process.ask(request, stop);
  const { length } = timed.milliseconds;
  if (length === request.count) return timed;
  throw new CandidateError(
    `answers "${request.do}" wrongly: expected ${request.count} times, got ${length}`,
    PROTOCOL_FIX,
  );
}
