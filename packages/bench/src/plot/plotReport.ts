// Plots a report as a self-contained SVG. Vega, an optional peer dependency, draws it and loads on first use.
import { DataError, messageOf } from '@isonet/core';
import type * as Vega from 'vega';
import type * as VegaLite from 'vega-lite';
import type { BenchReport } from '../report.ts';
import { figureText, measurementTitle } from '../texts.ts';
import { finished } from './finish.ts';
import { plotSpec, plotTitle } from './spec.ts';

/** The tested versions. The peer range also accepts later ones with the same major version. */
const VEGA = 'vega@6.4.0 vega-lite@6.5.0';

/**
 * Plots a report as SVG. A series of batch sizes or image sizes becomes a panel of lines with intervals, on logarithmic scales, with
 * panels for memory below it. Any other measurement becomes a panel of bars. With the same version of Vega, the same report always
 * results in the same bytes.
 * @throws DataError `BENCH_REPORT` if nothing was measured; `PLOTTER_MISSING` if Vega is not installed
 */
export async function plotReport(report: BenchReport): Promise<string> {
  if (report.measurements.length === 0) {
    const fix = 'measure at least one candidate';
    throw new DataError(
      'BENCH_REPORT',
      `the report has no measurements, so there is nothing to plot; ${fix}`,
    );
  }
  const { View, parse, Warn, compile } = await loadVega();
  const { spec } = compile(plotSpec(report));
  const view = new View(parse(spec), { renderer: 'none', logLevel: Warn });
  try {
    return finished(await view.toSVG(), { title: plotTitle(report), description: description(report) });
  } finally {
    view.finalize();
  }
}

/** Checks that plots can be drawn, before a measurement starts. @throws DataError `PLOTTER_MISSING` */
export async function checkPlotter(): Promise<void> {
  await loadVega();
}

interface Plotter extends Pick<typeof Vega, 'View' | 'parse' | 'Warn'>, Pick<typeof VegaLite, 'compile'> {}

async function loadVega(): Promise<Plotter> {
  try {
    const [{ View, parse, Warn }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
    return { View, parse, Warn, compile };
  } catch (cause) {
    throw new DataError(
      'PLOTTER_MISSING',
      `to draw plots, install Vega: npm install ${VEGA} (${messageOf(cause).split('\n', 1).join('')})`,
      { cause },
    );
  }
}

/** Describes the plot for people who cannot see it, by its medians. */
function description({ measurements }: BenchReport): string {
  return measurements
    .map((measurement) => {
      const times = measurement.candidates.map(({ name, median }) => `${name} ${figureText(median)} ms`);
      return `${measurementTitle(measurement)}: ${times.join(', ')}`;
    })
    .join('. ');
}
