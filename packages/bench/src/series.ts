// Finds the series of a report: measurements that differ only in the batch, or only in the image size.
import type { BenchReport, CandidateResult, Measurement } from './report.ts';
import { imageText, workText } from './texts.ts';

/** At least two measurements that differ in only one quantity, in ascending order. */
export interface Series {
  /** The quantity that differs: images per run, or pixels per image. */
  readonly axis: 'batch' | 'pixels';
  /** The settings that they share: `nin, recipe best, 28x28: training step` */
  readonly title: string;
  readonly measurements: readonly Measurement[];
}

/** Returns the value of a measurement on the axis of a series. */
export function valueOn(axis: Series['axis'], { batch, imageShape }: Measurement): number {
  return axis === 'batch' ? batch : imageShape.slice(1).reduce((product, side) => product * side, 1);
}

/** Returns all series of batches, then the series of image sizes with measurements that are in no series of batches. */
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

/** A result of one candidate in a series. */
export interface SeriesResult {
  readonly measurement: Measurement;
  readonly result: CandidateResult;
}

/** Returns the names of all candidates in the order of their first appearance. */
export function candidateNames(measurements: readonly Measurement[]): readonly string[] {
  return [...new Set(measurements.flatMap(({ candidates }) => candidates.map(({ name }) => name)))];
}

/** Returns the results of one candidate along a series, without the measurements in which it failed. */
export function resultsOf({ measurements }: Series, name: string): readonly SeriesResult[] {
  return measurements.flatMap((measurement) =>
    measurement.candidates
      .filter((candidate) => candidate.name === name)
      .map((result) => ({ measurement, result })),
  );
}
