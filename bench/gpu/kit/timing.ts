// Times work that is enqueued and then read: one run at a time, and many in a row.
import { defined } from '@isonet/core';

export interface Timing {
  /** The very first run, which may include preparation. Its result is the one that is checked. */
  readonly first: number;
  /** One run at a time, its result read before the next starts. */
  readonly alone: Spread;
  /** Per run of a chain: all runs are enqueued, then all are read. */
  readonly chained: Spread & { readonly length: number };
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** The number of timed runs or chains. */
  readonly count: number;
}

/** Enqueues run number `i`, and returns the function that reads its result. */
export type Enqueue = (i: number) => Promise<() => Promise<unknown>>;

export interface TimingOptions {
  /** Milliseconds of the first run, see {@link stopwatch}. */
  readonly first: number;
  readonly small: boolean;
  readonly late: () => boolean;
}

const MOST_MS_OF_CHAINS = 6000;

/** Returns the result of the work, and the milliseconds that it took. */
export async function stopwatch<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const began = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - began };
}

/** Times work that has already run once. */
export async function timed(enqueue: Enqueue, { first, small, late }: TimingOptions): Promise<Timing> {
  const plan = small
    ? { warmUp: 0, alone: 2, chains: 1, length: 2 }
    : { warmUp: 5, alone: 25, chains: 5, length: 20 };
  let i = 0;
  const one = async (): Promise<number> => {
    const { milliseconds } = await stopwatch(async () => (await enqueue(i++))());
    return milliseconds;
  };
  for (let n = 0; n < plan.warmUp && !late(); n++) await one();
  const alone: number[] = [];
  while (alone.length < plan.alone && !(late() && alone.length >= 5)) alone.push(await one());
  const chained: number[] = [];
  const until = performance.now() + MOST_MS_OF_CHAINS;
  const isOver = (): boolean => late() || performance.now() >= until;
  while (chained.length < plan.chains && !(chained.length > 0 && isOver())) {
    const began = performance.now();
    const reads: (() => Promise<unknown>)[] = [];
    for (let n = 0; n < plan.length; n++) reads.push(await enqueue(i++));
    for (const read of reads) await read();
    chained.push((performance.now() - began) / plan.length);
  }
  return { first, alone: spread(alone), chained: { ...spread(chained), length: plan.length } };
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (i: number): number => defined(sorted[i], 'a time');
  return {
    median: (at(Math.floor((sorted.length - 1) / 2)) + at(Math.floor(sorted.length / 2))) / 2,
    least: at(0),
    most: at(sorted.length - 1),
    count: sorted.length,
  };
}

/** Formats a number with three digits, for the log. */
export function shown(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
