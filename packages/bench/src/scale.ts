// Describes, in a sentence per candidate, how the cost per image changes with the batch or the image size.
import { defined } from '@isonet/core';
import type { BenchReport, Measurement } from './report.ts';
import type { Series, SeriesResult } from './series.ts';
import { candidateNames, resultsOf, seriesOf, valueOn } from './series.ts';
import { busiestText, bytesText, figureText, imageText } from './texts.ts';

/** The cost per image has stopped falling if a doubling of the batch lowers it by less than this fraction. */
const LEAST_GAIN = 0.1;

/** The scaling of the candidates of one series. */
export interface Scale {
  /** `nin, recipe best, 28x28: training step` */
  readonly title: string;
  /** The quantity that differs between rows. */
  readonly axis: 'batch' | 'image';
  /** The names of the candidates, in the order of the results of each row. */
  readonly candidates: readonly string[];
  readonly rows: readonly ScaleRow[];
  /**
   * One per candidate with at least two results: `onnx:cpu: 0.260 ms per image at batch 1, 0.170 at 64, and less than 10 %
   * lower with each doubling from there; memory grows by 1.10 MB per image`; then a warning if the machine was busy.
   */
  readonly sentences: readonly string[];
}

/** The cost per image at one batch or image size. */
export interface ScaleRow {
  /** `64`; `96x96` */
  readonly at: string;
  /** The result of each candidate; undefined if it was not measured. */
  readonly results: readonly (ScaleResult | undefined)[];
}

/** The cost per image for one candidate. */
export interface ScaleResult {
  readonly millisecondsPerImage: number;
  /** See `CandidateResult`. */
  readonly peakBytes: number | null;
}

/** Describes every series of batches and of image sizes in a report. */
export function describeScale(report: BenchReport): readonly Scale[] {
  return seriesOf(report).map((series) => {
    const candidates = candidateNames(series.measurements);
    return {
      title: series.title,
      axis: series.axis === 'batch' ? 'batch' : 'image',
      candidates,
      rows: series.measurements.map((measurement) => rowOf(series, measurement, candidates)),
      sentences: [...candidates.flatMap((name) => sentencesOf(series, name)), ...busySentences(series)],
    };
  });
}

function rowOf({ axis }: Series, measurement: Measurement, names: readonly string[]): ScaleRow {
  const { batch, imageShape, candidates } = measurement;
  return {
    at: axis === 'batch' ? batch.toLocaleString('en-US') : imageText(imageShape),
    results: names.map((wanted) => {
      const result = candidates.find(({ name }) => name === wanted);
      return result && { millisecondsPerImage: result.median / batch, peakBytes: result.peakBytes };
    }),
  };
}

function busySentences({ measurements }: Series): readonly string[] {
  const most = busiestText(measurements);
  if (most === undefined) return [];
  return [
    `other processes took up to ${most} of the cores, so this may not be how cost scales on a quiet machine`,
  ];
}

function sentencesOf(series: Series, name: string): readonly string[] {
  const results = resultsOf(series, name);
  if (results.length < 2) return [];
  const costs = series.axis === 'batch' ? costByBatch(results) : [costByImage(results)];
  return [`${name}: ${[...costs, ...memoryParts(series, results)].join('; ')}`];
}

interface CostPoint {
  readonly batch: number;
  /** Milliseconds per image. */
  readonly cost: number;
  /** The speed relative to that of a matrix product; undefined if none was measured. */
  readonly share: number | undefined;
}

function costByBatch(results: readonly SeriesResult[]): readonly string[] {
  const points = results.map(pointOf);
  const [first, last] = ends(points);
  const begin = `${figureText(first.cost)} ms per image at batch ${first.batch}`;
  const bend = points[bendOf(points)];
  if (bend === undefined) {
    const end = `${figureText(last.cost)} at ${last.batch}, where a doubling still lowers it by 10 % or more`;
    return [`${begin}, ${end}`, ...shareParts(first, last)];
  }
  const at = bend === first ? '' : `, ${figureText(bend.cost)} at ${bend.batch}`;
  return [
    `${begin}${at}, and less than 10 % lower with each doubling from there${riseOf(points)}`,
    ...shareParts(first, bend),
  ];
}

/** Explains why the cost falls, by the fraction of the speed of a matrix product that small and large batches reach. */
function shareParts(first: CostPoint, then: CostPoint): readonly string[] {
  if (first === then || first.share === undefined || then.share === undefined) return [];
  const [from, to] = [first.share, then.share].map((share) => `${(share * 100).toFixed(0)} %`);
  const text = `${from} of a matrix product at batch ${first.batch}, ${to} at ${then.batch}`;
  const grows = then.share >= first.share * (1 + LEAST_GAIN);
  return [grows ? `${text}: small batches leave the cores waiting for overhead` : text];
}

function pointOf({
  measurement: { batch },
  result: { median, gigaflops, product },
}: SeriesResult): CostPoint {
  return { batch, cost: median / batch, share: product && gigaflops / product.gigaflops };
}

/** Returns the index of the first point after which no doubling gains 10 %; -1 if the last doubling still does. */
function bendOf(points: readonly CostPoint[]): number {
  let bend = points.length - 1;
  while (bend > 0 && gain(points[bend - 1], points[bend]) < LEAST_GAIN) bend--;
  return bend === points.length - 1 ? -1 : bend;
}

/** Returns the fraction by which a doubling of the batch lowers the cost: the geometric mean over all doublings between two points. */
function gain(from: CostPoint | undefined, to: CostPoint | undefined): number {
  const [a, b] = [defined(from, 'a point of a series'), defined(to, 'a point of a series')];
  return 1 - (b.cost / a.cost) ** (1 / Math.log2(b.batch / a.batch));
}

/** Describes a cost that rises again by a relevant amount after its minimum. */
function riseOf(points: readonly CostPoint[]): string {
  const [, last] = ends(points);
  const lowest = points.reduce((least, point) => (point.cost < least.cost ? point : least));
  if (last.cost < lowest.cost / (1 - LEAST_GAIN)) return '';
  return `; the lowest is ${figureText(lowest.cost)} at ${lowest.batch}, and ${last.batch} takes ${figureText(last.cost)}`;
}

/** Formats `3.1 ms per image at 28x28, 36 at 96x96: 11.8 times as many pixels take 11.6 times as long`. */
function costByImage(results: readonly SeriesResult[]): string {
  const [first, last] = ends(results);
  const [from, to] = [pointOf(first).cost, pointOf(last).cost];
  const pixels = valueOn('pixels', last.measurement) / valueOn('pixels', first.measurement);
  const before = `${figureText(from)} ms per image at ${imageText(first.measurement.imageShape)}`;
  const after = `${figureText(to)} at ${imageText(last.measurement.imageShape)}`;
  return `${before}, ${after}: ${figureText(pixels)} times as many pixels take ${figureText(to / from)} times as long`;
}

/** Describes the growth of memory from the first point to the last, per additional image in the batch. */
function memoryParts({ axis }: Series, results: readonly SeriesResult[]): readonly string[] {
  const [first, last] = ends(results);
  const images = last.measurement.batch - first.measurement.batch;
  const part = (what: string, from: number | null | undefined, to: number | null | undefined): string[] => {
    if (typeof from !== 'number' || typeof to !== 'number') return [];
    if (axis === 'pixels') return [`${what} ${bytesText(from)} and ${bytesText(to)}`];
    const each = (to - from) / images;
    return [each > 0 ? `${what} grows by ${bytesText(each)} per image` : `${what} does not grow`];
  };
  return [
    ...part('memory', first.result.peakBytes, last.result.peakBytes),
    ...part('memory of the device', first.result.deviceBytes, last.result.deviceBytes),
  ];
}

function ends<T>(list: readonly T[]): readonly [first: T, last: T] {
  return [defined(list[0], 'a first point'), defined(list.at(-1), 'a last point')];
}
