// Finds what a report can be plotted against: measurements that differ in nothing but the batch, or in nothing but the image.
import type { BenchReport, CandidateResult, Measurement } from './report.ts';
import { imageText, workText } from './texts.ts';

/** Measurements that differ in one quantity alone, from its smallest value up; two at least. */
export interface Series {
  /** What differs: images per run, or pixels per image. */
  readonly axis: 'batch' | 'pixels';
  /** What they have in common: `nin, recipe best, 28x28: training step` */
  readonly title: string;
  readonly measurements: readonly Measurement[];
}

/** The value on a series' axis. */
export function valueOn(axis: Series['axis'], { batch, imageShape }: Measurement): number {
  return axis === 'batch' ? batch : imageShape.slice(1).reduce((product, side) => product * side, 1);
}

/** All series of batches, then those of image sizes that show what no series of batches has. */
export function seriesOf({ measurements }: BenchReport): readonly Series[] {
  const byBatch = grouped('batch', measurements, ({ model, recipe, imageShape, work }) => {
    return `${model}, recipe ${recipe}, ${imageText(imageShape)}: ${workText(work)}`;
  });
  const shown = new Set(byBatch.flatMap((series) => series.measurements));
  const byImage = grouped('pixels', measurements, ({ model, recipe, batch, work }) => {
    return `${model}, recipe ${recipe}, batch ${batch}: ${workText(work)}`;
  });
  return [...byBatch, ...byImage.filter((series) => series.measurements.some((one) => !shown.has(one)))];
}

function grouped(
  axis: Series['axis'],
  measurements: readonly Measurement[],
  titleOf: (measurement: Measurement) => string,
): readonly Series[] {
  const titles = [...new Set(measurements.map(titleOf))];
  return titles
    .map((title) => ({
      axis,
      title,
      measurements: measurements
        .filter((measurement) => titleOf(measurement) === title)
        .toSorted((a, b) => valueOn(axis, a) - valueOn(axis, b)),
    }))
    .filter((series) => new Set(series.measurements.map((one) => valueOn(axis, one))).size > 1);
}

/** One candidate's results in a series; where it failed there are none. */
export interface SeriesResult {
  readonly measurement: Measurement;
  readonly result: CandidateResult;
}

/** The names of all candidates in the order in which they appear. */
export function candidateNames(measurements: readonly Measurement[]): readonly string[] {
  return [...new Set(measurements.flatMap(({ candidates }) => candidates.map(({ name }) => name)))];
}

/** What one candidate took along a series. */
export function resultsOf({ measurements }: Series, name: string): readonly SeriesResult[] {
  return measurements.flatMap((measurement) =>
    measurement.candidates
      .filter((candidate) => candidate.name === name)
      .map((result) => ({ measurement, result })),
  );
}
