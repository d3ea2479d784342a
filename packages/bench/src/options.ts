// What may be asked of a benchmark: each rule once, for the library and the command line.
import type { Form, RangeName } from '@isonet/core';
import { ranges, wholeFrom } from '@isonet/core';
import type { Dims } from '@isonet/runs';
import { command, UsageError } from '@isonet/runs';
import type { Work } from './report.ts';

/** What is measured. What is left out is as the command line has it. */
export interface BenchOptions {
  /** Names, or files of the user's own. */
  readonly models: readonly string[];
  /**
   * isonet's backends: a name, a package or a path, each with or without a device, as in `webgpu:software`; `auto`; or `all`, every
   * device here but the slowest. The first candidate is what ratios refer to. Default: `auto`.
   */
  readonly backend?: readonly string[] | undefined;
  /** Other libraries, or programs of the user's own, with or without a device; or `all` that are installed. Default: none. */
  readonly rivals?: readonly string[] | undefined;
  /** Default: the one that runs take. */
  readonly recipe?: string | undefined;
  /** Images per run. Default: the recipe's. */
  readonly batch?: readonly number[] | undefined;
  /** Sizes that ONNX files leave open. */
  readonly dims?: Dims | undefined;
  /** Height and width of the images. Default: the network's. */
  readonly size?: readonly number[] | undefined;
  /** Default: both. */
  readonly work?: readonly Work[] | undefined;
  /** Default 15, the fewest that give ratios. */
  readonly rounds?: number | undefined;
  /** Threads within an operator. Default: as each library has it. */
  readonly threads?: number | undefined;
  /** Products in TF32 where a device has it. Default false. */
  readonly tf32?: boolean | undefined;
  /** Gives ratios though the machine is busy, or does not tell whether it is. Default false. */
  readonly force?: boolean | undefined;
}

/** The fewest rounds that a ratio is given for, and how many there are unless told otherwise. */
export const RATIO_ROUNDS = 15;

/** What a candidate can be asked to do. */
export const WORKS: readonly Work[] = ['forward', 'step'];

/** The numbers of a benchmark, each in words and as a test. */
const benchRanges: Readonly<Record<'batch' | 'size' | 'rounds' | 'threads', Form>> = {
  batch: wholeFrom(1, 65_536),
  size: wholeFrom(1, 16_384),
  rounds: wholeFrom(1, 1000),
  threads: ranges['threads' satisfies RangeName],
};

/** @throws UsageError naming the first option that makes no sense, as the command line has it */
export function checkBenchOptions(options: BenchOptions): void {
  if (options.models.length === 0)
    throw new UsageError('which network? expected the name of a model, or a file');
  for (const [name, { text, fits }] of Object.entries(benchRanges)) {
    for (const value of listed(options[name as keyof typeof benchRanges])) {
      if (!fits(value)) throw new UsageError(`--${name}: expected ${text}, got ${String(value)}`);
    }
  }
  for (const work of options.work ?? []) {
    if (!WORKS.includes(work)) {
      throw new UsageError(`--work: expected ${WORKS.join(' or ')}, got ${JSON.stringify(work)}`);
    }
  }
  const lists = { model: options.models, ...pick(options, LISTS) };
  for (const [name, list] of Object.entries(lists)) checkList(name, list);
}

const LISTS = ['backend', 'rivals', 'batch', 'size', 'work'] as const;

function checkList(name: string, list: readonly (string | number)[] | undefined): void {
  if (list === undefined) return;
  const flag = name === 'model' ? 'model' : `--${name}`;
  if (list.length === 0 || list.includes('')) {
    throw new UsageError(`${flag}: expected one or several, separated by commas, got an empty one`);
  }
  const twice = list.find((item, i) => list.indexOf(item) < i);
  if (twice !== undefined) throw new UsageError(`${flag}: ${twice} is given twice: leave one out`);
  const takesAll = name === 'backend' || name === 'rivals';
  if (takesAll && list.includes('all') && list.length > 1) {
    throw new UsageError(`${flag}: all takes in every other: leave out the rest, or all`);
  }
}

/** The command line that measures the same again. */
export function commandText(options: BenchOptions): string {
  const { models, rounds, threads, recipe, tf32, force } = options;
  const lists = Object.entries(pick(options, LISTS)).flatMap(([name, list]) =>
    list === undefined ? [] : [command`--${name} ${list.join(',')}`],
  );
  return [
    'npx isonet bench',
    ...models.map((model) => command`${model}`),
    ...lists,
    ...(recipe === undefined ? [] : [command`--recipe ${recipe}`]),
    ...(rounds === undefined ? [] : [`--rounds ${rounds}`]),
    ...(threads === undefined ? [] : [`--threads ${threads}`]),
    ...(tf32 ? ['--tf32'] : []),
    ...(force ? ['--force'] : []),
  ].join(' ');
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

function listed(value: number | readonly number[] | undefined): readonly number[] {
  if (value === undefined) return [];
  return typeof value === 'number' ? [value] : value;
}
