// Builds the panels of a plot. Each shows one quantity of one series, or the times of one measurement.
import type { TopLevelSpec } from 'vega-lite';
import type { CandidateResult, Measurement } from '../report.ts';
import type { Series } from '../series.ts';
import { valueOn } from '../series.ts';
import { figureText, imageText, measurementTitle } from '../texts.ts';
import { printable } from './finish.ts';
import { light } from './palette.ts';
import { linearScale, logTicks } from './ticks.ts';

/** A part of a plot. */
export type Panel = Extract<TopLevelSpec, { concat: unknown }>['concat'][number];

const [WIDTH, HEIGHT] = [360, 230] as const;
/** A fixed space for the labels of an axis, so that stacked panels align. */
const EXTENT = 42;
const BAR_STEP = 28;
/** The axis extends beyond the longest bar by this factor, to leave space for the text. */
const ROOM_FOR_TEXT = 1.25;

/** A result of one candidate: its value, and the ends of its interval. */
interface Point {
  readonly x: number;
  readonly candidate: string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/** Returns the name of a candidate in the legend. */
export type Label = (name: string) => string;

/** Plots milliseconds per image along a series, with intervals, on two logarithmic axes. */
export function costPanel(series: Series, label: Label): Panel {
  const points = pointsOf(series, label, ({ median, interval: [low, high] }, { batch }) => [
    { y: median / batch, low: low / batch, high: high / batch },
  ]);
  const [least, most] = [
    Math.min(...points.map(({ low }) => low)),
    Math.max(...points.map(({ high }) => high)),
  ];
  const y: Lines['y'] = {
    title: 'time per image, ms',
    scale: { type: 'log', domain: [least / 1.15, most * 1.15], nice: false },
    values: logTicks(least / 1.15, most * 1.15),
  };
  return linePanel(series, { points, y, title: printable(series.title) });
}

/** Plots the peak memory of the processes along a series, from 0 up. */
export function memoryPanel(series: Series, label: Label): Panel {
  return bytesPanel(series, label, { what: 'peak memory', bytesOf: ({ peakBytes }) => peakBytes });
}

/** Plots the peak memory of the devices along a series, from 0 up. */
export function deviceMemoryPanel(series: Series, label: Label): Panel {
  return bytesPanel(series, label, {
    what: 'peak memory of the device',
    bytesOf: ({ deviceBytes }) => deviceBytes,
  });
}

interface Bytes {
  readonly what: string;
  readonly bytesOf: (result: CandidateResult) => number | null | undefined;
}

function bytesPanel(series: Series, label: Label, { what, bytesOf }: Bytes): Panel {
  const all = pointsOf(series, label, (result) => {
    const bytes = bytesOf(result);
    return typeof bytes === 'number' ? [{ y: bytes, low: bytes, high: bytes }] : [];
  });
  const most = Math.max(1e6, ...all.map(({ y }) => y));
  const [unit, text] = most < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  const points = all.map(({ y, ...rest }) => ({ ...rest, y: y / unit, low: y / unit, high: y / unit }));
  const { domain, values } = linearScale(most / unit);
  const y: Lines['y'] = { title: `${what}, ${text}`, scale: { type: 'linear', domain, nice: false }, values };
  return linePanel(series, { points, y });
}

function pointsOf(
  { axis, measurements }: Series,
  label: Label,
  yOf: (result: CandidateResult, measurement: Measurement) => readonly Omit<Point, 'x' | 'candidate'>[],
): readonly Point[] {
  return measurements.flatMap((measurement) =>
    measurement.candidates.flatMap((result) =>
      yOf(result, measurement).map((y) => ({
        x: valueOn(axis, measurement),
        candidate: label(result.name),
        ...y,
      })),
    ),
  );
}

interface Lines {
  readonly points: readonly Point[];
  readonly title?: string;
  readonly y: {
    readonly title: string;
    readonly scale: { readonly type: 'log' | 'linear'; readonly domain: number[]; readonly nice: false };
    readonly values: number[];
  };
}

function linePanel(series: Series, { points, title, y }: Lines): Panel {
  return {
    width: WIDTH,
    height: HEIGHT,
    ...(title !== undefined && { title }),
    data: { values: points.map((point) => ({ ...point })) },
    encoding: {
      x: { field: 'x', type: 'quantitative', scale: xScale(series), axis: xAxis(series) },
      y: {
        field: 'y',
        type: 'quantitative',
        scale: y.scale,
        axis: { title: y.title, values: y.values, format: ',~r', minExtent: EXTENT, maxExtent: EXTENT },
      },
      color: { field: 'candidate', type: 'nominal' },
    },
    layer: [
      { mark: { type: 'line', strokeWidth: 2 } },
      { mark: { type: 'rule', strokeWidth: 2 }, encoding: { y: { field: 'low' }, y2: { field: 'high' } } },
      {
        mark: { type: 'point', filled: true, size: 44, opacity: 1 },
        encoding: { shape: { field: 'candidate', type: 'nominal' } },
      },
    ],
  };
}

function xsOf({ axis, measurements }: Series): number[] {
  return [...new Set(measurements.map((measurement) => valueOn(axis, measurement)))];
}

function xScale(series: Series): { type: 'log'; base: number; domain: number[]; nice: false } {
  const xs = xsOf(series);
  return { type: 'log', base: 2, domain: [Math.min(...xs) / 1.2, Math.max(...xs) * 1.2], nice: false };
}

function xAxis(series: Series): {
  title: string;
  values: number[];
  labelExpr: string;
  labelOverlap: 'greedy';
} {
  const sizes = series.measurements.map((one) => [valueOn(series.axis, one), imageText(one.imageShape)]);
  return {
    title: series.axis === 'batch' ? 'batch, images' : 'image, pixels',
    values: xsOf(series),
    labelExpr:
      series.axis === 'batch'
        ? "format(datum.value, ',d')"
        : `${JSON.stringify(Object.fromEntries(sizes))}[datum.value]`,
    labelOverlap: 'greedy',
  };
}

/** Plots the times of one measurement as bars from 0, with intervals. */
export function barPanel(measurement: Measurement, label: Label): Panel {
  const { candidates } = measurement;
  const most = Math.max(...candidates.map(({ interval: [, high] }) => high));
  const { values } = linearScale(most);
  return {
    width: WIDTH,
    height: { step: BAR_STEP },
    title: printable(measurementTitle(measurement)),
    data: {
      values: candidates.map(({ name, median, interval: [low, high] }) => ({
        name: printable(name),
        candidate: label(name),
        median,
        low,
        high,
        text: `${figureText(median)} ms`,
      })),
    },
    encoding: {
      y: { field: 'name', type: 'nominal', sort: null, axis: { title: null, domain: false } },
      x: {
        field: 'median',
        type: 'quantitative',
        scale: { domain: [0, most * ROOM_FOR_TEXT], nice: false },
        axis: { title: 'time per run, ms', format: ',~r', values, labelFlush: false },
      },
    },
    layer: [
      {
        mark: { type: 'bar', height: 16 },
        encoding: { color: { field: 'candidate', type: 'nominal' } },
      },
      {
        mark: { type: 'rule', color: light.text, strokeWidth: 1.5 },
        encoding: { x: { field: 'low' }, x2: { field: 'high' } },
      },
      ...(['low', 'high'] as const).map((field) => ({
        mark: { type: 'tick', color: light.text, thickness: 1.5, size: 8 } as const,
        encoding: { x: { field } },
      })),
      {
        mark: { type: 'text', align: 'left', dx: 6, color: light.text },
        encoding: { x: { field: 'high' }, text: { field: 'text' } },
      },
    ],
  };
}
