// Reads the report of a benchmark. The file is untrusted, so every field is checked.
import { readFile, stat } from 'node:fs/promises';
import { codeOf, DataError, messageOf } from '@isonet/core';
import type {
  BenchReport,
  CandidateResult,
  Interval,
  Machine,
  Measurement,
  MissingCandidate,
} from './report.ts';
import { Place } from './reportFields.ts';
import { measurementTitle } from './texts.ts';

/** Far above usual sizes: a report of a thousand measurements with a hundred rounds takes 10 MB. */
const MAX_BYTES = 2 ** 26;
const MAX_MEASUREMENTS = 10_000;
const MAX_CANDIDATES = 100;
const MAX_ROUNDS = 100_000;

/**
 * Reads a file that `isonet bench --json` or `--out` has written.
 * @throws DataError `FILE_MISSING`, `FILE_UNREADABLE`, or as {@link parseReport} does
 */
export async function readReport(path: string): Promise<BenchReport> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new DataError('BENCH_REPORT', `${path}: expected a report of at most 64 MiB, got ${size} bytes`);
    }
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    if (codeOf(cause) === 'ENOENT') {
      const fix = 'npx isonet bench MODEL --out FILE.json writes one';
      throw new DataError('FILE_MISSING', `${path}: there is no such report; ${fix}`, { cause });
    }
    throw new DataError('FILE_UNREADABLE', `${path}: cannot be read (${messageOf(cause)})`, { cause });
  }
  return parseReport(text, path);
}

/**
 * Parses the text of a report. Drops unknown fields.
 * @param file the name of the file, for errors
 * @throws DataError `BENCH_REPORT` at the first field that is missing, has the wrong type, or is out of range, and for
 * a different format or version
 */
export function parseReport(text: string, file: string): BenchReport {
  const root = new Place(parsed(text, file), file);
  checkFormat(root);
  const rounds = root.at('rounds').count();
  if (rounds > MAX_ROUNDS) throw root.at('rounds').wrong(`at most ${MAX_ROUNDS.toLocaleString('en-US')}`);
  const measurements = root.at('measurements').list(0, MAX_MEASUREMENTS);
  const titles = new Map<string, number>();
  return {
    format: 'isonet-bench',
    version: 1,
    isonet: root.at('isonet').text(),
    date: dateOf(root.at('date')),
    command: root.at('command').text(),
    machine: machineOf(root.at('machine')),
    rounds,
    measurements: measurements.map((place, i) => {
      const measurement = measurementOf(place, rounds);
      const title = measurementTitle(measurement);
      const first = titles.get(title);
      if (first !== undefined) throw place.error(`repeats measurements[${first}]: ${title}`);
      titles.set(title, i);
      return measurement;
    }),
    missing: root.at('missing').list(0, MAX_MEASUREMENTS).map(missingOf),
  };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (cause) {
    const fix = 'expected a report of `isonet bench --json`';
    throw new DataError('BENCH_REPORT', `${file}: not JSON; ${fix}`, { cause });
  }
}

function checkFormat(root: Place): void {
  const format = root.at('format');
  if (!format.isThere) {
    throw format.error('expected "isonet-bench", got nothing: this is not a report of `isonet bench --json`');
  }
  format.oneOf(['isonet-bench']);
  const version = root.at('version').count();
  if (version === 1) return;
  const fix = 'compare with the version of isonet that wrote it, or measure again with this version';
  throw root.at('version').error(`expected 1, got ${version}: ${fix}`);
}

/** Reads a date in ISO 8601 and UTC, as `Date.toISOString` writes it. */
function dateOf(place: Place): string {
  const text = place.text();
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw place.wrong('a date such as "2026-11-28T14:05:00.000Z"');
}

function machineOf(place: Place): Machine {
  return {
    platform: place.at('platform').text(),
    processor: place.at('processor').text(),
    cores: place.at('cores').count(),
    memoryBytes: place.at('memoryBytes').above0(),
    node: place.at('node').text(),
  };
}

function measurementOf(place: Place, rounds: number): Measurement {
  const share = place.at('othersShare');
  const candidates = place.at('candidates').list(1, MAX_CANDIDATES);
  const names = new Set<string>();
  return {
    model: place.at('model').text(),
    recipe: place.at('recipe').text(),
    imageShape: place
      .at('imageShape')
      .list(3, 3)
      .map((dim) => dim.count()),
    batch: place.at('batch').count(),
    work: place.at('work').oneOf(['forward', 'step']),
    multiplyAdds: place.at('multiplyAdds').atLeast0(),
    othersShare: share.isNull ? null : share.part(),
    candidates: candidates.map((entry) => {
      const candidate = candidateOf(entry, rounds);
      if (names.has(candidate.name)) throw entry.at('name').error(`"${candidate.name}" appears twice`);
      names.add(candidate.name);
      return candidate;
    }),
  };
}

function candidateOf(place: Place, rounds: number): CandidateResult {
  // An interrupted measurement has fewer rounds.
  const milliseconds = place.at('milliseconds').list(1, rounds);
  const [median, interval] = [place.at('median').above0(), intervalOf(place.at('interval'))];
  if (median < interval[0] || median > interval[1]) {
    throw place
      .at('median')
      .error(`expected a number in the interval [${interval.join(', ')}], got ${median}`);
  }
  const [peak, device] = [place.at('peakBytes'), place.at('deviceBytes')];
  const [product, ratio, check] = [place.at('product'), place.at('ratio'), place.at('check')];
  return {
    name: place.at('name').text(),
    kind: place.at('kind').oneOf(['isonet', 'rival']),
    text: place.at('text').text(),
    milliseconds: milliseconds.map((time) => time.above0()),
    median,
    interval,
    imagesPerSecond: place.at('imagesPerSecond').above0(),
    gigaflops: place.at('gigaflops').atLeast0(),
    ...(product.isThere && {
      product: { size: product.at('size').count(), gigaflops: product.at('gigaflops').above0() },
    }),
    firstMilliseconds: place.at('firstMilliseconds').above0(),
    peakBytes: peak.isNull ? null : peak.above0(),
    ...(device.isThere && { deviceBytes: device.atLeast0() }),
    check: { difference: check.at('difference').atLeast0(), bound: check.at('bound').atLeast0() },
    ...(ratio.isThere && {
      ratio: { median: ratio.at('median').above0(), interval: intervalOf(ratio.at('interval')) },
    }),
  };
}

function intervalOf(place: Place): Interval {
  const [low, high] = place.list(2, 2).map((end) => end.above0());
  if (low === undefined || high === undefined || low > high) {
    throw place.error(`expected the lower end first, got [${low}, ${high}]`);
  }
  return [low, high];
}

function missingOf(place: Place): MissingCandidate {
  return {
    name: place.at('name').text(),
    reason: place.at('reason').text(),
    fix: place.at('fix').text(),
  };
}
