// Builds the Vega-Lite specification of a plot: a title with the measurement and the machine, panels in two columns, and one legend.
import type { TopLevelSpec } from 'vega-lite';
import { defined } from '@isonet/core';
import type { BenchReport, CandidateResult } from '../report.ts';
import { candidateNames, seriesOf } from '../series.ts';
import { busiestText, bytesText, fewestRounds, intervalName } from '../texts.ts';
import { printable } from './finish.ts';
import { candidateColors, candidateShapes, light } from './palette.ts';
import type { Label, Panel } from './panels.ts';
import { barPanel, costPanel, deviceMemoryPanel, memoryPanel } from './panels.ts';

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';
/** The number of panels side by side. */
const COLUMNS = 2;

/** Returns the title of the plot of a report. */
export function plotTitle(report: BenchReport): string {
  const axes = new Set(seriesOf(report).map(({ axis }) => axis));
  if (axes.size === 0) return 'isonet bench: time per run';
  if (axes.size === 2) return 'isonet bench: time per image and memory, against batch and image size';
  return `isonet bench: time per image and memory against ${axes.has('batch') ? 'batch' : 'image size'}`;
}

/** Returns the specification of the plot of a report. */
export function plotSpec(report: BenchReport): TopLevelSpec {
  const results = report.measurements.flatMap(({ candidates }) => candidates);
  const label = labelsOf(results);
  const panels = panelsOf(report, results, label);
  return {
    title: { text: plotTitle(report), subtitle: subtitle(report).map(printable), fontSize: 16, offset: 20 },
    concat: [...panels],
    columns: Math.min(COLUMNS, panels.length),
    spacing: { row: 28, column: 36 },
    resolve: { scale: { color: 'shared', shape: 'shared' }, legend: { color: 'shared', shape: 'shared' } },
    padding: 20,
    background: light.page,
    config: config(candidateNames(report.measurements).map(label)),
  };
}

/** Returns the labels of the legend: `onnx:cpu: ONNX Runtime 1.30.0, 2 threads` */
function labelsOf(results: readonly CandidateResult[]): Label {
  const texts = new Map(results.toReversed().map(({ name, text }) => [name, printable(`${name}: ${text}`)]));
  return (name) => defined(texts.get(name), `candidate ${name}`);
}

function panelsOf(report: BenchReport, results: readonly CandidateResult[], label: Label): readonly Panel[] {
  const series = seriesOf(report);
  const inSeries = new Set(series.flatMap(({ measurements }) => measurements));
  const others = report.measurements.filter((measurement) => !inSeries.has(measurement));
  const kinds = [
    costPanel,
    ...(results.some(({ peakBytes }) => peakBytes !== null) ? [memoryPanel] : []),
    ...(results.some(({ deviceBytes }) => deviceBytes !== undefined) ? [deviceMemoryPanel] : []),
  ];
  const rows = Array.from({ length: Math.ceil(series.length / COLUMNS) }, (_, i) =>
    series.slice(i * COLUMNS, (i + 1) * COLUMNS),
  );
  return [
    ...rows.flatMap((row) => kinds.flatMap((panel) => row.map((one) => panel(one, label)))),
    ...others.map((measurement) => barPanel(measurement, label)),
  ];
}

function subtitle({ isonet, date, machine, rounds, measurements }: BenchReport): readonly string[] {
  const { platform, processor, cores, memoryBytes, node } = machine;
  const busiest = busiestText(measurements);
  const fewest = fewestRounds({ measurements }) ?? rounds;
  const counts = fewest < rounds ? `${fewest} to ${rounds} rounds` : `${rounds} rounds`;
  return [
    `${processor}, ${cores} cores, ${bytesText(memoryBytes)}, ${platform}; Node ${node}, isonet ${isonet}, ${date.slice(0, 10)}`,
    `Medians of ${counts}, interleaved, with their ${intervalName(fewest)}s`,
    ...(busiest === undefined ? [] : [`Other processes took up to ${busiest} of the cores`]),
  ];
}

function config(labels: string[]): NonNullable<TopLevelSpec['config']> {
  const cycle = (list: readonly string[]): string[] =>
    labels.map((_, i) => defined(list[i % list.length], 'an entry of the palette'));
  return {
    font: FONT,
    view: { stroke: null },
    range: { category: cycle(candidateColors), symbol: cycle(candidateShapes) },
    title: {
      anchor: 'start',
      color: light.text,
      fontSize: 12,
      fontWeight: 600,
      offset: 12,
      subtitleColor: light.quiet,
      subtitleFontSize: 12,
      subtitlePadding: 6,
    },
    axis: {
      labelColor: light.quiet,
      titleColor: light.text,
      titleFontWeight: 'normal',
      labelFontSize: 11,
      titleFontSize: 11,
      titlePadding: 8,
      gridColor: light.grid,
      domainColor: light.quiet,
      tickColor: light.quiet,
    },
    legend: {
      orient: 'bottom',
      direction: 'vertical',
      columns: 1,
      title: null,
      labelColor: light.text,
      labelFontSize: 12,
      labelLimit: 800,
      symbolSize: 90,
      offset: 20,
    },
  };
}
