// The tables of a benchmark as plain cells, which the terminal and Markdown lay out differently.
import type { CandidateResult, Comparison, Measurement, MissingCandidate, Scale } from '@isonet/bench';
import {
  BUSY_SHARE,
  bytesText,
  durationText,
  figureText,
  intervalName,
  isBusy,
  RATIO_ROUNDS,
} from '@isonet/bench';
import { defined } from '@isonet/core';
import type { Cell, Column } from './table.ts';
import type { Colors } from './text.ts';
import { percent } from './text.ts';

/** The columns and rows of a table. */
export interface Cells<C extends Cell = string> {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly C[])[];
}

/** Shown for an unknown value. */
const UNKNOWN = '-';

/** Builds a row per candidate: its times, speed and memory, and its ratio to the first candidate. */
export function measurementCells({ candidates }: Measurement): Cells {
  const first = defined(candidates[0], 'the first candidate').name;
  const hasRatios = candidates.some(({ ratio }) => ratio !== undefined);
  const fewest = Math.min(...candidates.map(({ milliseconds }) => milliseconds.length));
  const columns: readonly (readonly [head: string, text: (result: CandidateResult) => string])[] = [
    ['median ms', ({ median }) => timeText(median)],
    [intervalName(fewest), ({ interval }) => intervalText(interval)],
    ['images/s', ({ imagesPerSecond }) => figureText(imagesPerSecond)],
    ['GFLOP/s', ({ gigaflops }) => figureText(gigaflops)],
    ['of a matrix product', productText],
    ['first result', ({ firstMilliseconds }) => durationText(firstMilliseconds)],
    ['peak memory', memoryText],
    ...(hasRatios
      ? [[`time against ${first}`, (result: CandidateResult) => ratioText(result, first)] as const]
      : []),
  ];
  return {
    columns: [
      { head: 'candidate' },
      ...columns.map(([head]) => ({ head, align: 'right' as const })),
      { head: 'what it is' },
    ],
    rows: candidates.map((result) => [result.name, ...columns.map(([, text]) => text(result)), result.text]),
  };
}

function intervalText([low, high]: readonly [number, number]): string {
  return `[${timeText(low)}, ${timeText(high)}]`;
}

/** Formats a time with four digits: intervals are often a percent wide, and three digits would not separate their ends. */
function timeText(milliseconds: number): string {
  return figureText(milliseconds, 4);
}

/** Formats the speed as a share of the library's speed on a matrix product of the given size: `41 % of 1024x1024` */
function productText({ gigaflops, product }: CandidateResult): string {
  return product === undefined
    ? UNKNOWN
    : `${((100 * gigaflops) / product.gigaflops).toFixed(0)} % of ${product.size}x${product.size}`;
}

/** Formats the peak memory: `310 MB`, or `310 MB + 1.2 GB on the device` */
function memoryText({ peakBytes, deviceBytes }: CandidateResult): string {
  const host = peakBytes === null ? UNKNOWN : bytesText(peakBytes);
  return deviceBytes === undefined ? host : `${host} + ${bytesText(deviceBytes)} on the device`;
}

/** Formats the ratio of its time to that of the first candidate, with its interval: `1.23x [1.20, 1.27]` */
function ratioText({ name, ratio }: CandidateResult, first: string): string {
  if (ratio === undefined) return name === first ? '1x' : UNKNOWN;
  const [low, high] = ratio.interval;
  return `${ratio.median.toFixed(2)}x [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

/** Lists the load during a measurement, the reason for missing ratios, and candidates whose results differ from the first one's. */
export function measurementNotes(measurement: Measurement): readonly string[] {
  const { candidates, othersShare } = measurement;
  const load =
    othersShare === null
      ? 'this system does not report what other processes took of the cores'
      : `other processes took ${percent(othersShare)} of the cores`;
  const doubt = candidates.length > 1 ? ratioDoubt(measurement) : '';
  return [`${load}${doubt}`, ...candidates.flatMap(differenceNote)];
}

function ratioDoubt(measurement: Measurement): string {
  const { candidates, othersShare } = measurement;
  const hasRatios = candidates.some(({ ratio }) => ratio !== undefined);
  const rounds = Math.min(...candidates.map(({ milliseconds }) => milliseconds.length));
  if (rounds < RATIO_ROUNDS) return `; ratios need at least ${RATIO_ROUNDS} rounds, but there were ${rounds}`;
  const most = percent(BUSY_SHARE);
  if (isBusy(measurement)) {
    return hasRatios
      ? `, more than ${most}: the ratios are unreliable`
      : `, too much for ratios (more than ${most}): stop them, or pass --force to print ratios anyway`;
  }
  if (hasRatios || othersShare !== null) return '';
  return ', so there are no ratios: pass --force if nothing else is running';
}

function differenceNote({ name, check: { difference, bound } }: CandidateResult): readonly string[] {
  if (difference <= bound) return [];
  const by = `its logits differ from those of the first candidate by ${figureText(difference)}`;
  return [
    `${name}: ${by}, more than ${figureText(bound)}: it computes something else, so its time is not comparable`,
  ];
}

/** Builds a row per batch or image size: for each candidate, the time per image and the memory. */
export function scaleCells({ axis, candidates, rows }: Scale): Cells {
  return {
    columns: [axis, ...candidates].map((head) => ({ head, align: 'right' })),
    rows: rows.map(({ at, results }) => [
      at,
      ...results.map((result) => {
        if (result === undefined) return UNKNOWN;
        const cost = `${figureText(result.millisecondsPerImage)} ms`;
        return result.peakBytes === null ? cost : `${cost}, ${bytesText(result.peakBytes)}`;
      }),
    ]),
  };
}

/** Formats a missing candidate: `mxnet: found no Python 3.8 to 3.10; install one, then pip install mxnet==1.9.1` */
export function missingText({ name, reason, fix }: MissingCandidate): string {
  return `${name}: ${reason}; ${fix}`;
}

/** Builds a row per candidate: its time before and now, and the change, in red if it became slower. */
export function comparisonCells(
  { candidates }: Comparison['measurements'][number],
  { red, green, dim }: Colors,
): Cells<Cell> {
  const paints = { slower: red, faster: green, same: dim } as const;
  return {
    columns: [
      { head: 'candidate' },
      { head: 'before, ms', align: 'right' },
      { head: 'now, ms', align: 'right' },
      { head: 'change' },
    ],
    rows: candidates.map(({ name, before, after, change, factor }) => [
      name,
      `${timeText(before.median)} ${intervalText(before.interval)}`,
      `${timeText(after.median)} ${intervalText(after.interval)}`,
      {
        text:
          change === 'same'
            ? 'no difference beyond the intervals'
            : `${change}: takes ${factor.toFixed(2)} times as long`,
        paint: paints[change],
      },
    ]),
  };
}
