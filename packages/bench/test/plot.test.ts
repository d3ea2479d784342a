// Tests plots as text and as images: sharp parses and renders them like a browser on a light page.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import type { BenchReport } from '../src/index.ts';
import { checkPlotter, plotReport } from '../src/index.ts';
import { linearScale, logTicks } from '../src/plot/ticks.ts';
import { allBatches, sampleReport } from './sampleReport.ts';

/** Returns the marks of one kind, with their names for screen readers. */
function marks(svg: string, kind: 'line mark' | 'bar' | 'point'): readonly string[] {
  const paths = svg.match(/<path [^>]*>/g) ?? [];
  return paths.filter((path) => path.includes(`aria-roledescription="${kind}"`));
}

/** Returns the ends of each interval in the plot, and its length in pixels. */
function intervals(
  svg: string,
): readonly { readonly low: number; readonly high: number; readonly pixels: number }[] {
  return (svg.match(/<line aria-label="[^>]*>/g) ?? []).map((line) => ({
    low: numberIn(line, /low: ([\d.]+)/),
    high: numberIn(line, /high: ([\d.]+)/),
    pixels: Math.hypot(numberIn(line, / x2="([-\d.]+)"/), numberIn(line, / y2="([-\d.]+)"/)),
  }));
}

function numberIn(text: string, pattern: RegExp): number {
  const [, found] = pattern.exec(text) ?? [];
  if (found === undefined) throw new Error(`no ${pattern} in ${text}`);
  return Number(found);
}

/** Returns the texts of a plot, in order. */
function texts(svg: string): readonly string[] {
  return Array.from(svg.matchAll(/>([^<]+)<\/(?:text|tspan)>/g), ([, text]) => String(text));
}

/** Returns all colours of the rendered plot, as `#rrggbb`. @throws Error if the plot is not well-formed XML */
async function drawnColors(svg: string): Promise<ReadonlySet<string>> {
  const { data, info } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const colors = new Set<string>();
  for (let i = 0; i < data.length; i += info.channels) colors.add(`#${data.toString('hex', i, i + 3)}`);
  return colors;
}

function withNames(report: BenchReport, text: string): BenchReport {
  return {
    ...report,
    measurements: report.measurements.map((one) => ({
      ...one,
      model: text,
      candidates: one.candidates.map((candidate, i) => ({ ...candidate, name: `${text}${i}`, text })),
    })),
  };
}

describe('plotReport', () => {
  it('draws a line per candidate, for the cost and the memory of each model', async () => {
    const svg = await plotReport(sampleReport());
    const lines = marks(svg, 'line mark');
    expect(lines).toHaveLength(2 * 2 * 3);
    for (const name of ['onnx:cpu', 'tfjs:wasm', 'torch']) {
      expect(lines.filter((line) => line.includes(`candidate: ${name}: `))).toHaveLength(4);
    }
    // Ten batches in each line.
    for (const line of lines) expect(/ d="([^"]*)"/.exec(line)?.[1]).toMatch(/^M[^L]+(L[^L]+){9}$/);
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        ...allBatches.map(String),
        'batch, images',
        'time per image, ms',
        'peak memory, GB',
        'isonet bench: time per image and memory against batch',
        'nin, recipe best, 28x28: training step',
        'Sample Processor at 2.60 GHz, 2 cores, 8.20 GB, linux x64; Node 24.11.0, isonet 0.3.0, 2026-11-28',
        'torch: PyTorch 2.15.0, channels_last, 2 threads',
      ]),
    );
    const colors = await drawnColors(svg);
    for (const color of ['#0079bf', '#d55e00', '#009e73', '#ffffff']) expect(colors).toContain(color);
  });

  it('names the completed rounds and the kind of intervals after an interrupt', async () => {
    const svg = await plotReport({ ...sampleReport({ batches: [64], rounds: 5 }), rounds: 15 });
    expect(texts(svg)).toContain('Medians of 5 to 15 rounds, interleaved, with their ranges');
  });

  it('draws bars with intervals for a single batch', async () => {
    const svg = await plotReport(
      sampleReport({ batches: [64], works: ['forward', 'step'], othersShare: 0.123 }),
    );
    expect(marks(svg, 'bar')).toHaveLength(2 * 2 * 3);
    expect(marks(svg, 'line mark')).toHaveLength(0);
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        'isonet bench: time per run',
        'nin, recipe best, 28x28, batch 64: forward pass',
        'time per run, ms',
        'Other processes took up to 12.3 % of the cores',
      ]),
    );
    expect(await drawnColors(svg)).toContain('#0079bf');
  });

  it('draws medians and intervals per image on a logarithmic scale', async () => {
    const report = sampleReport({ models: ['nin'], batches: [1, 64] });
    const svg = await plotReport(report);
    const results = report.measurements.flatMap(({ batch, candidates }) =>
      candidates.map(({ median, interval }) => ({ batch, median, interval })),
    );
    const drawn = intervals(svg).slice(0, results.length);
    const points = marks(svg, 'point');
    for (const [i, { batch, median, interval }] of results.entries()) {
      expect(numberIn(String(points[i]), / y: ([\d.]+)/)).toBeCloseTo(median / batch, 3);
      expect(drawn[i]?.low).toBeCloseTo(interval[0] / batch, 3);
      expect(drawn[i]?.high).toBeCloseTo(interval[1] / batch, 3);
    }
    const scales = drawn.map(({ low, high, pixels }) => pixels / Math.log(high / low));
    expect(Math.min(...scales)).toBeGreaterThan(10);
    expect(Math.max(...scales) / Math.min(...scales)).toBeCloseTo(1, 2);
  });

  it('draws intervals of bars on their linear scale', async () => {
    const svg = await plotReport(sampleReport({ models: ['nin'], batches: [64] }));
    const [bar] = marks(svg, 'bar');
    const pixelsPerMs =
      numberIn(String(bar), / d="M0,[\d.]+h([\d.]+)/) / numberIn(String(bar), /median: ([\d.]+)/);
    const drawn = intervals(svg).filter(({ pixels }) => pixels > 0);
    expect(drawn).toHaveLength(3);
    for (const { low, high, pixels } of drawn) expect(pixels / (high - low)).toBeCloseTo(pixelsPerMs, 3);
  });

  it('draws measurements outside of any series as bars below the lines', async () => {
    const [scaled, single] = [
      sampleReport({ models: ['nin'] }),
      sampleReport({ models: ['googlenet'], batches: [64] }),
    ];
    const svg = await plotReport({
      ...scaled,
      measurements: [...scaled.measurements, ...single.measurements],
    });
    expect(marks(svg, 'line mark')).toHaveLength(2 * 3);
    expect(marks(svg, 'bar')).toHaveLength(3);
  });

  it('draws image sizes, and the memory of devices if it is known', async () => {
    const report = sampleReport({ models: ['nin'], batches: [32], sides: [28, 96, 224] });
    const measurements = report.measurements.map((one) => ({
      ...one,
      candidates: one.candidates.map((candidate) => ({ ...candidate, peakBytes: null, deviceBytes: 3e9 })),
    }));
    const svg = await plotReport({ ...report, measurements });
    expect(marks(svg, 'line mark')).toHaveLength(2 * 3);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['28x28', '96x96', '224x224', 'image, pixels', 'peak memory of the device, GB']),
    );
    expect(texts(svg)).not.toContain('peak memory, GB');
  });

  it('has a title, a description, and colours for dark pages', async () => {
    const svg = await plotReport(sampleReport({ models: ['nin'], batches: [64] }));
    expect(svg).toMatch(
      /^<svg [^>]*role="img" aria-labelledby="title desc"><title id="title">isonet bench: time per run<\/title><desc id="desc">nin, recipe best, 28x28, batch 64: training step: onnx:cpu \d+ ms/,
    );
    expect(svg).toContain('@media (prefers-color-scheme: dark) {[fill="#ffffff"]{fill:#0d1117}');
    // The plot has the colours that the rules override.
    for (const color of ['#ffffff', '#1f2328', '#59636e', '#d8dee4']) {
      expect(svg.slice(svg.indexOf('</style>'))).toMatch(new RegExp(`(fill|stroke)="${color}"`));
    }
    expect(svg).not.toMatch(/(href|src)=|url\(/);
  });

  it('returns the same bytes each time, also in another process and time zone', async () => {
    const svg = await plotReport(sampleReport());
    expect(await plotReport(sampleReport())).toBe(svg);
    const script = `
      import { plotReport } from '@isonet/bench';
      import { allBatches, sampleReport } from './test/sampleReport.ts';
      process.stdout.write(await plotReport(sampleReport()));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@isonet/source', '--import', 'tsx', '--input-type=module', '--eval', script],
      {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { ...process.env, TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' },
        maxBuffer: 2 ** 24,
      },
    );
    expect(stdout).toBe(svg);
  });

  it.each(['<b>&"quotes"\'', 'a\u0000\u001b[31m\uD800b', ']]>{{x}}${y}', '\u202eabc', "'] + alert(1) + ['"])(
    'draws external text only as text: %j',
    async (text) => {
      const svg = await plotReport(withNames(sampleReport({ models: ['nin'], batches: [1, 2] }), text));
      expect(marks(svg, 'line mark')).toHaveLength(6);
      expect(await drawnColors(svg)).toContain('#0079bf');
      expect(svg).not.toMatch(/[^\P{C}\n\t]/u);
    },
  );

  it('draws more candidates than colours, and lines with a single point', async () => {
    const report = sampleReport({ models: ['nin'], batches: [1, 2] });
    const many = report.measurements.map((one) => ({
      ...one,
      candidates: Array.from({ length: 9 }, (_, i) =>
        one.candidates.slice(0, 1).map((first) => ({ ...first, name: `c${i}` })),
      ).flat(),
    }));
    const crowded = marks(await plotReport({ ...report, measurements: many }), 'point');
    const looks = crowded.map(
      (point) => /candidate: (\w+)/.exec(point)?.[1] + (/ d=.*?fill="[^"]*"/.exec(point)?.[0] ?? ''),
    );
    expect(new Set(looks.map((look) => look.slice(2))).size).toBe(9);
    const gap = report.measurements.map((one, i) => ({ ...one, candidates: one.candidates.slice(i) }));
    const svg = await plotReport({ ...report, measurements: gap });
    expect(marks(svg, 'point')).toHaveLength(2 * 5);
    expect(await drawnColors(svg)).toContain('#0079bf');
  });

  it('rejects a report without measurements', async () => {
    await expect(plotReport(sampleReport({ models: [] }))).rejects.toMatchObject({
      code: 'BENCH_REPORT',
      message: 'the report has no measurements, so there is nothing to plot; measure at least one candidate',
    });
  });

  it('explains how to install Vega if it is missing', async () => {
    vi.doMock('vega', () => {
      throw new Error("Cannot find package 'vega'");
    });
    try {
      const message = /^to draw plots, install Vega: npm install vega@6\.4\.0 vega-lite@6\.5\.0 \([^\n]+\)$/;
      const wanted = { code: 'PLOTTER_MISSING', message: expect.stringMatching(message) as unknown };
      await expect(checkPlotter()).rejects.toMatchObject(wanted);
      await expect(plotReport(sampleReport())).rejects.toMatchObject(wanted);
    } finally {
      vi.doUnmock('vega');
    }
    await expect(checkPlotter()).resolves.toBeUndefined();
  });
});

describe('ticks', () => {
  it('are round numbers in any range', () => {
    expect(logTicks(0.8, 30)).toEqual([1, 2, 5, 10, 20]);
    expect(logTicks(0.00002, 5)).toEqual([1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(logTicks(1.4, 3.3)).toEqual([1.5, 2, 3]);
    expect(logTicks(1.04, 1.37)).toEqual([1.1, 1.2, 1.3]);
    expect(linearScale(1.9)).toEqual({ domain: [0, 2], values: [0, 0.5, 1, 1.5, 2] });
    expect(linearScale(1000)).toEqual({ domain: [0, 1000], values: [0, 200, 400, 600, 800, 1000] });
    expect(linearScale(0.0307)).toEqual({ domain: [0, 0.04], values: [0, 0.01, 0.02, 0.03, 0.04] });
  });
});
