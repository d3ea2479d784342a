// A report as a picture: one SVG that stands alone. Vega draws it, an optional peer that loads when it is first needed.
import { DataError, messageOf } from '@isonet/core';
import type * as Vega from 'vega';
import type * as VegaLite from 'vega-lite';
import type { BenchReport } from '../report.ts';
import { figureText, measurementTitle } from '../texts.ts';
import { finished } from './finish.ts';
import { plotSpec, plotTitle } from './spec.ts';

/** The versions that are tested; the peer range takes later ones of the same major version too. */
const VEGA = 'vega@6.4.0 vega-lite@6.5.0';

/**
 * Draws a report as SVG. Series of batches, or of image sizes, become lines with their intervals, in logarithmic scales, a panel
 * per model and work, over panels of their memory; other measurements become bars.
 * The same report gives the same bytes, as long as Vega's version is the same.
 * @throws DataError `BENCH_REPORT` when nothing was measured; `PLOTTER_MISSING` when Vega is not installed
 */
export async function plotReport(report: BenchReport): Promise<string> {
  if (report.measurements.length === 0) {
    const fix = 'measure one candidate at least';
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

/** Finds out whether plots can be drawn, before anything is measured for one. @throws DataError `PLOTTER_MISSING` */
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

/** For people who do not see the picture: the number in the middle of each interval. */
function description({ measurements }: BenchReport): string {
  return measurements
    .map((measurement) => {
      const times = measurement.candidates.map(({ name, median }) => `${name} ${figureText(median)} ms`);
      return `${measurementTitle(measurement)}: ${times.join(', ')}`;
    })
    .join('. ');
}
