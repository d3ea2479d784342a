// Names and numbers of a report as people read them: the same in tables, comparisons, plots and sentences.
import type { BenchReport, Measurement, Work } from './report.ts';

/** Other processes taking more of the cores than this make a measurement too busy for ratios. */
export const BUSY_SHARE = 0.05;

/** The fewest rounds whose interval covers the median in 95 % of cases; of fewer, it is the whole range, and covers less. */
export const LEAST_FOR_INTERVAL = 6;

/** `95 % interval`, or what it is of fewer rounds: the `range` of all of them. */
export function intervalName(rounds: number): '95 % interval' | 'range' {
  return rounds < LEAST_FOR_INTERVAL ? 'range' : '95 % interval';
}

/** Whether other processes took so much of the cores that the times say little. */
export function isBusy({ othersShare }: Measurement): boolean {
  return othersShare !== null && othersShare > BUSY_SHARE;
}

/** The largest share of the cores that other processes took in the busy ones: `58.8 %`; undefined where none was busy. */
export function busiestText(measurements: readonly Measurement[]): string | undefined {
  const shares = measurements.flatMap((one) =>
    isBusy(one) && one.othersShare !== null ? [one.othersShare] : [],
  );
  return shares.length === 0 ? undefined : `${(Math.max(...shares) * 100).toFixed(1)} %`;
}

/** The fewest rounds that a candidate of a report completed; undefined where nothing was measured. */
export function fewestRounds({ measurements }: Pick<BenchReport, 'measurements'>): number | undefined {
  const counts = measurements.flatMap(({ candidates }) =>
    candidates.map(({ milliseconds }) => milliseconds.length),
  );
  return counts.length === 0 ? undefined : Math.min(...counts);
}

/** `nin, recipe best, 28x28, batch 64: training step` */
export function measurementTitle(measurement: Measurement): string {
  const { model, recipe, imageShape, batch, work } = measurement;
  return `${model}, recipe ${recipe}, ${imageText(imageShape)}, batch ${batch}: ${workText(work)}`;
}

/** `training step` */
export function workText(work: Work): string {
  return work === 'step' ? 'training step' : 'forward pass';
}

/** `28x28`; with more channels than one, `3x32x32`. @param shape `[C, H, W]` */
export function imageText(shape: readonly number[]): string {
  return (shape[0] === 1 ? shape.slice(1) : shape).join('x');
}

/** Three significant digits, or as many as `digits`: `0.260`, `12.3`, `1,235`; whole numbers as they are. */
export function figureText(n: number, digits: number = 3): string {
  const rounded = Number(n.toPrecision(digits));
  if (Number.isInteger(n) || Math.abs(rounded) >= 10 ** (digits - 1))
    return Math.round(n).toLocaleString('en-US');
  return n.toPrecision(digits);
}

/** `812 ms`, `4.10 s` */
export function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${figureText(milliseconds)} ms` : `${figureText(milliseconds / 1000)} s`;
}

/** In powers of ten: `310 MB`, `1.24 GB` */
export function bytesText(bytes: number): string {
  return Math.abs(bytes) < 1e9 ? `${figureText(bytes / 1e6)} MB` : `${figureText(bytes / 1e9)} GB`;
}
