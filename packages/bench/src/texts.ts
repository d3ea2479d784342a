// Formats the names and numbers of a report for people, identically in tables, comparisons, plots and sentences.
import type { BenchReport, Measurement, Work } from './report.ts';

/** The fraction of the cores above which other processes make a measurement too busy for ratios. */
export const BUSY_SHARE = 0.05;

/** The fewest rounds with a 95 % interval of the median. For fewer, the interval is the whole range, with a lower confidence. */
export const LEAST_FOR_INTERVAL = 6;

/** Returns the name of the interval: `95 % interval`, or `range` for too few rounds. */
export function intervalName(rounds: number): '95 % interval' | 'range' {
  return rounds < LEAST_FOR_INTERVAL ? 'range' : '95 % interval';
}

/** Returns whether other processes used so much of the cores that the times are unreliable. */
export function isBusy({ othersShare }: Measurement): boolean {
  return othersShare !== null && othersShare > BUSY_SHARE;
}

/** Formats the largest share of the cores that other processes took: `58.8 %`; undefined if no measurement was busy. */
export function busiestText(measurements: readonly Measurement[]): string | undefined {
  const shares = measurements.flatMap((one) =>
    isBusy(one) && one.othersShare !== null ? [one.othersShare] : [],
  );
  return shares.length === 0 ? undefined : `${(Math.max(...shares) * 100).toFixed(1)} %`;
}

/** Returns the fewest rounds that a candidate of a report completed; undefined if nothing was measured. */
export function fewestRounds({ measurements }: Pick<BenchReport, 'measurements'>): number | undefined {
  const counts = measurements.flatMap(({ candidates }) =>
    candidates.map(({ milliseconds }) => milliseconds.length),
  );
  return counts.length === 0 ? undefined : Math.min(...counts);
}

/** Formats `nin, recipe best, 28x28, batch 64: training step`. */
export function measurementTitle(measurement: Measurement): string {
  const { model, recipe, imageShape, batch, work } = measurement;
  return `${model}, recipe ${recipe}, ${imageText(imageShape)}, batch ${batch}: ${workText(work)}`;
}

/** Returns `training step` or `forward pass`. */
export function workText(work: Work): string {
  return work === 'step' ? 'training step' : 'forward pass';
}

/** Formats `28x28`, or `3x32x32` for several channels. @param shape `[C, H, W]` */
export function imageText(shape: readonly number[]): string {
  return (shape[0] === 1 ? shape.slice(1) : shape).join('x');
}

/** Formats a number with `digits` significant digits: `0.260`, `12.3`, `1,235`. Integers keep all digits. */
export function figureText(n: number, digits: number = 3): string {
  const rounded = Number(n.toPrecision(digits));
  if (Number.isInteger(n) || Math.abs(rounded) >= 10 ** (digits - 1))
    return Math.round(n).toLocaleString('en-US');
  return n.toPrecision(digits);
}

/** Formats a duration: `812 ms`, `4.10 s` */
export function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${figureText(milliseconds)} ms` : `${figureText(milliseconds / 1000)} s`;
}

/** Formats bytes in powers of ten: `310 MB`, `1.24 GB` */
export function bytesText(bytes: number): string {
  return Math.abs(bytes) < 1e9 ? `${figureText(bytes / 1e6)} MB` : `${figureText(bytes / 1e9)} GB`;
}
