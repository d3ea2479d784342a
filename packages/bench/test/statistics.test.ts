// Compares medians and their intervals with published tables and with values computed by hand.
import { describe, expect, it } from 'vitest';
import { intervalRank, median, medianInterval } from '../src/statistics.ts';

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => n - i);

describe('the median', () => {
  it('is the middle value, or the mean of the middle two', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 2, 10])).toBe(3);
    expect(median([7])).toBe(7);
  });

  it('throws without values', () => {
    expect(() => median([])).toThrow('a number to take the median of');
  });
});

describe('the interval', () => {
  // The ranks of the two-sided sign test at 5 %, plus one: Conover, Practical Nonparametric Statistics, table A3.
  it.each([
    [5, 0],
    [6, 1],
    [8, 1],
    [9, 2],
    [11, 2],
    [12, 3],
    [15, 4],
    [17, 5],
    [20, 6],
    [25, 8],
    [30, 10],
    [50, 18],
    [100, 40],
  ])('of %i values starts at rank %i', (count, rank) => {
    expect(intervalRank(count)).toBe(rank);
  });

  it('covers the median with at least 95 %, unlike an interval that is one rank narrower', () => {
    for (let count = 6; count <= 200; count++) {
      const rank = intervalRank(count);
      expect(missed(count, rank)).toBeLessThanOrEqual(0.05);
      expect(missed(count, rank + 1)).toBeGreaterThan(0.05);
    }
  });

  it('sorts the values', () => {
    expect(medianInterval(upTo(15))).toEqual([4, 12]);
    expect(medianInterval(upTo(20))).toEqual([6, 15]);
  });

  it('is the whole range of fewer than six values', () => {
    expect(medianInterval([3, 1, 2])).toEqual([1, 3]);
    expect(medianInterval([2])).toEqual([2, 2]);
  });
});

/** Returns the probability that fewer than `rank` of `count` values are on one side of the median, counted with exact integers. */
function missed(count: number, rank: number): number {
  let [ways, sum] = [1n, 0n];
  for (let below = 0; below < rank; below++) {
    sum += ways;
    ways = (ways * BigInt(count - below)) / BigInt(below + 1);
  }
  return (2 * Number((sum * 10n ** 15n) / 2n ** BigInt(count))) / 1e15;
}
