// The median of a few measurements, and how far it can be trusted without assuming how they are distributed.
import { defined } from '@isonet/core';
import type { Interval } from './report.ts';

/** The middle of the sorted numbers, or the mean of the two in the middle. @throws GraphError where there are none */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number): number => defined(sorted[index], 'a number to take the median of');
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
}

/**
 * A confidence interval of the median of at least 95 %: from the j-th smallest number to the j-th largest. How many of n independent
 * measurements lie below the true median is binomial with p = 1/2, so the interval misses it with probability 2 P(B(n, 1/2) < j);
 * j is the largest for which that is at most 5 % (Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2). Of fewer
 * than 6 numbers it is the whole range, which covers less.
 */
export function medianInterval(numbers: readonly number[]): Interval {
  const sorted = numbers.toSorted((a, b) => a - b);
  const rank = Math.max(1, intervalRank(sorted.length));
  const [low, high] = [sorted[rank - 1], sorted[sorted.length - rank]];
  return [defined(low, 'a lowest number'), defined(high, 'a highest number')];
}

/** The j of {@link medianInterval}; 0 where there is none. */
export function intervalRank(count: number): number {
  let [probability, cumulative] = [0.5 ** count, 0];
  for (let below = 0; below <= count / 2; below++) {
    cumulative += probability;
    if (2 * cumulative > 0.05) return below;
    probability *= (count - below) / (below + 1);
  }
  return Math.floor(count / 2);
}
