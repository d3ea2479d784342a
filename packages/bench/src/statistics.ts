// The median of a few measurements, and its confidence interval without an assumption about their distribution.
import { defined } from '@isonet/core';
import type { Interval } from './report.ts';

/** Returns the middle of the sorted values, or the mean of the middle two. @throws GraphError if there are none */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number): number => defined(sorted[index], 'a number to take the median of');
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
}

/**
 * Returns a confidence interval of the median of at least 95 %: from the j-th smallest value to the j-th largest. The number of
 * independent measurements below the true median, out of n, has a binomial distribution with p = 1/2. So the interval misses the median
 * with probability 2 P(B(n, 1/2) < j), and j is the largest integer for which that is at most 5 % (Conover, Practical Nonparametric
 * Statistics, 3rd edition, section 3.2). For fewer than 6 values, the interval is the whole range, with a lower confidence.
 */
export function medianInterval(numbers: readonly number[]): Interval {
  const sorted = numbers.toSorted((a, b) => a - b);
  const rank = Math.max(1, intervalRank(sorted.length));
  const [low, high] = [sorted[rank - 1], sorted[sorted.length - rank]];
  return [defined(low, 'a lowest number'), defined(high, 'a highest number')];
}

/** Returns the j of {@link medianInterval}; 0 if there is none. */
export function intervalRank(count: number): number {
  let [probability, cumulative] = [0.5 ** count, 0];
  for (let below = 0; below <= count / 2; below++) {
    cumulative += probability;
    if (2 * cumulative > 0.05) return below;
    probability *= (count - below) / (below + 1);
  }
  return Math.floor(count / 2);
}
