// Summarizes the times of the candidates of a measurement.
import { defined } from '@isonet/core';
import { RATIO_ROUNDS } from '../options.ts';
import type { CandidateResult } from '../report.ts';
import { median, medianInterval } from '../statistics.ts';
import { differenceOf } from './check.ts';
import type { Held, OpenCandidate } from './openCandidate.ts';
import type { TurnTimes } from './turns.ts';

/** The settings that all candidates of a measurement share. */
export interface ResultSettings {
  readonly batch: number;
  readonly multiplyAdds: number;
  /** The bound for the difference of the logits. */
  readonly bound: number;
  /** False if other processes were too busy. */
  readonly allowRatios: boolean;
}

/** Returns the results in the order of the candidates; ratios are relative to the first. Empty if no round was completed. */
export function resultsOf(
  times: ReadonlyMap<OpenCandidate, TurnTimes>,
  held: ReadonlyMap<OpenCandidate, Held>,
  settings: ResultSettings,
): readonly CandidateResult[] {
  const [first] = times;
  if (!first || first[1].milliseconds.length === 0) return [];
  return [...times].map(([candidate, own]) => ({
    ...resultOf(candidate, own, settings),
    ...defined(held.get(candidate), `the memory of ${candidate.name}`),
    check: { difference: differenceOf(candidate.computed, first[0].computed), bound: settings.bound },
    ...(candidate === first[0] ? {} : ratioOf(own, first[1], settings)),
  }));
}

function resultOf(
  { spec: { name, kind }, opened, product }: OpenCandidate,
  { milliseconds, products }: TurnTimes,
  { batch, multiplyAdds }: ResultSettings,
): Omit<CandidateResult, 'check' | 'peakBytes'> {
  const middle = median(milliseconds);
  return {
    name,
    kind,
    text: opened.text,
    milliseconds,
    median: middle,
    interval: medianInterval(milliseconds),
    imagesPerSecond: (batch * 1000) / middle,
    gigaflops: gigaflops(multiplyAdds, middle),
    ...(product && products.length > 0
      ? { product: { size: product.size, gigaflops: gigaflops(product.size ** 3, median(products)) } }
      : {}),
    firstMilliseconds: opened.firstMilliseconds,
  };
}

/** Returns GFLOP/s; a multiply-add is two operations. */
function gigaflops(multiplyAdds: number, milliseconds: number): number {
  return (2 * multiplyAdds) / (milliseconds * 1e6);
}

function ratioOf(
  own: TurnTimes,
  first: TurnTimes,
  { allowRatios }: ResultSettings,
): Pick<CandidateResult, 'ratio'> {
  const ratios = own.milliseconds.map(
    (time, round) => time / defined(first.milliseconds[round], `the first candidate's round ${round}`),
  );
  if (!allowRatios || ratios.length < RATIO_ROUNDS) return {};
  return { ratio: { median: median(ratios), interval: medianInterval(ratios) } };
}
