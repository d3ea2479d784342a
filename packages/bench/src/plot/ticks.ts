// Chooses round numbers for the ticks of axes.
import { defined } from '@isonet/core';

const STEPS = 5;

/**
 * Returns the ticks of a logarithmic axis: 1, 2 and 5 of each decade; finer ones on an axis of less than a decade; only decades on a
 * long axis.
 */
export function logTicks(low: number, high: number): number[] {
  const within = (digits: readonly number[]): number[] => {
    const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
      .flatMap((exponent) => digits.map((digit) => Number(`${digit}e${exponent}`)))
      .filter((tick) => tick >= low && tick <= high);
  };
  const decades = within([1]);
  if (decades.length > 4) return decades;
  const ticks = within([1, 2, 5]);
  if (ticks.length >= 3) return ticks;
  const fine = within([1, 1.5, 2, 3, 4, 5, 6, 8]);
  return fine.length >= 2 ? fine : within(Array.from({ length: 90 }, (_, i) => (i + 10) / 10));
}

/** Returns an axis from 0 to a round number of at least `most`, with at most five steps. */
export function linearScale(most: number): { readonly domain: number[]; readonly values: number[] } {
  const exponent = Math.floor(Math.log10(most / STEPS));
  const sizes = [1, 2, 5, 10, 20].map((digit) => Number(`${digit}e${exponent}`));
  const step = defined(
    sizes.find((size) => size * STEPS >= most),
    'a step',
  );
  const values = Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) =>
    Number((i * step).toPrecision(6)),
  );
  return { domain: [0, Math.max(...values)], values };
}
