import { initialize, he, permutation, streamKey, threefry2x32, uniformBlock, xavier } from '@isonet/core';
import { describe, expect, it } from 'vitest';

describe('threefry2x32', () => {
  // Known answers for Threefry-2x32-20, published by its authors with Random123 (kat_vectors).
  it.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x243f6a88, 0x85a308d3],
      [0x13198a2e, 0x03707344],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const)('counter %j, key %j', (counter, key, words) => {
    expect(threefry2x32(key[0], key[1], counter[0], counter[1])).toEqual(words);
  });
});

describe('uniformBlock', () => {
  it('is in [0, 1), and each block is a window of one infinite sequence', () => {
    const whole = uniformBlock(7, streamKey('mask'), 3, 0, 1000);
    expect(whole.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(uniformBlock(7, streamKey('mask'), 3, 600, 400)).toEqual(whole.slice(600));
    const mean = whole.reduce((sum, u) => sum + u, 0) / whole.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03); // 3 sigma for the mean of 1000 values
  });

  it('depends on seed, stream and time', () => {
    const first = (seed: number, stream: string, time: number): number[] =>
      Array.from(uniformBlock(seed, streamKey(stream), time, 0, 4));
    const blocks = [first(1, 'a', 0), first(2, 'a', 0), first(1, 'b', 0), first(1, 'a', 1)];
    expect(new Set(blocks.map(String)).size).toBe(4);
  });
});

describe('permutation', () => {
  it('contains every index once, and is a function of seed, stream and time', () => {
    const order = permutation(5, 'shuffle', 2, 1000);
    expect(Array.from(order).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(permutation(5, 'shuffle', 2, 1000)).toEqual(order);
    expect(permutation(5, 'shuffle', 3, 1000)).not.toEqual(order);
    expect(permutation(6, 'shuffle', 2, 1000)).not.toEqual(order);
  });

  it('moves each index to each position about equally often', () => {
    const counts = new Float64Array(25);
    for (let epoch = 0; epoch < 2000; epoch++) {
      permutation(0, 'shuffle', epoch, 5).forEach((index, place) => {
        const cell = index * 5 + place;
        counts[cell] = (counts[cell] ?? 0) + 1;
      });
    }
    // 400 expected in each of the 25 cells, standard deviation 18.
    expect(Math.min(...counts)).toBeGreaterThan(310);
    expect(Math.max(...counts)).toBeLessThan(490);
  });
});

describe('initialize', () => {
  const parameters = [
    { name: 'c.w', shape: [8, 4, 3, 3], role: 'weight' },
    { name: 'c.b', shape: [8], role: 'bias' },
  ] as const;

  it('fills weights up to their bound and sets biases to 0', () => {
    for (const [initializer, bound] of [
      [xavier, Math.sqrt(6 / (36 + 72))],
      [he, Math.sqrt(6 / 36)],
    ] as const) {
      const values = initialize(parameters, initializer, 0);
      const weights = Array.from(values['c.w']?.data ?? []);
      expect(weights).toHaveLength(288);
      expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(bound);
      expect(Math.max(...weights)).toBeGreaterThan(bound * 0.95);
      expect(Math.min(...weights)).toBeLessThan(-bound * 0.95);
      expect(Array.from(values['c.b']?.data ?? [])).toEqual(new Array(8).fill(0));
    }
  });

  it('draws independent values for each parameter, regardless of the others', () => {
    const other = { name: 'd.w', shape: [8, 4, 3, 3], role: 'weight' } as const;
    const alone = initialize([other], he, 3);
    const together = initialize([...parameters, other], he, 3);
    expect(together['d.w']).toEqual(alone['d.w']);
    expect(together['d.w']).not.toEqual(together['c.w']);
    expect(initialize([other], he, 4)).not.toEqual(alone);
  });
});
