// Tests the phases of strided windows: each pixel is reached by exactly the taps of the windows that cover it.
import { describe, expect, test } from 'vitest';
import type { AxisWindow } from '../../src/lowering/blocked/window.ts';
import { phasesOf, placesOf } from '../../src/lowering/blocked/window.ts';

const sizes: readonly AxisWindow[] = [1, 2, 3, 4].flatMap((stride) =>
  [1, 2, 3, 5].flatMap((kernel) =>
    [0, 1, 2, 4].flatMap((pad) =>
      [1, 4, 7].flatMap((size) => {
        const windows = Math.floor((size + 2 * pad - kernel) / stride) + 1;
        return windows < 1 ? [] : [{ size, kernel, stride, pad, windows }];
      }),
    ),
  ),
);

describe.each(sizes)('size $size, kernel $kernel, stride $stride, pad $pad', (window) => {
  const { size, kernel, stride, pad, windows } = window;
  const phases = phasesOf(window);

  test('the correlations compute the sums over the windows that reach each pixel', () => {
    const filter = Array.from({ length: kernel }, (_, tap) => 10 ** tap);
    const dy = Array.from({ length: windows }, (_, i) => i + 1);
    const expected = new Array<number>(size).fill(0);
    dy.forEach((gradient, i) =>
      filter.forEach((weight, tap) => {
        const pixel = i * stride + tap - pad;
        const sum = expected[pixel];
        if (sum !== undefined) expected[pixel] = sum + gradient * weight;
      }),
    );
    const rows = phases.map(({ taps, before, rows: count }) =>
      Array.from({ length: Math.max(count, 0) }, (_, row) =>
        taps.reduce((sum, tap, i) => sum + (filter[tap] ?? NaN) * (dy[row + i - before] ?? 0), 0),
      ),
    );
    const found = placesOf(window, phases).map(([phase, row]) =>
      phases[phase]?.taps.length === 0 ? 0 : rows[phase]?.[row],
    );
    expect(found).toEqual(expected);
  });

  test('every correlation has the number of rows that its padded windows imply', () => {
    for (const { taps, before, after, rows, skip, count } of phases.filter(
      ({ taps: own }) => own.length > 0,
    )) {
      expect(rows).toBe(windows + before + after - taps.length + 1);
      expect(rows).toBeGreaterThanOrEqual(skip + count);
      expect(Math.min(before, after, skip)).toBeGreaterThanOrEqual(0);
    }
  });
});
