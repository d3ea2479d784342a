// The options of a benchmark and the rules for their values, shared by the library and the command line.
import type { Form, RangeName } from '@isonet/core';
import { ranges, wholeFrom } from '@isonet/core';
import type { Dims } from '@isonet/runs';
import { command, UsageError } from '@isonet/runs';
import type { Work } from './report.ts';

/** The options of a benchmark. The defaults are those of the command line. */
export interface BenchOptions {
  /** Names of networks, or files. */
  readonly models: readonly string[];
  /**
   * isonet's backends: a name, a package or a path, each with or without a device, as in `webgpu:software`; `auto`; or `all`, every
   * available device except the slowest. Ratios are relative to the first candidate. Default: `auto`.
   */
  readonly backend?: readonly string[] | undefined;
  /** Other libraries or the user's own programs, with or without a device; or `all` that are installed. Default: none. */
  readonly rivals?: readonly string[] | undefined;
  /** Default: the default recipe of `isonet train`. */
  readonly recipe?: string | undefined;
  /** Images per run. Default: the recipe's. */
  readonly batch?: readonly number[] | undefined;
  /** Sizes for the dynamic dimensions of ONNX files. */
  readonly dims?: Dims | undefined;
  /** Height and width of the images. Default: the network's. */
  readonly size?: readonly number[] | undefined;
  /** Default: both. */
  readonly work?: readonly Work[] | undefined;
  /** Default: 15, the fewest that allow ratios. */
  readonly rounds?: number | undefined;
  /** Threads per operator. Default: the choice of each library. */
  readonly threads?: number | undefined;
  /** Whether devices with TF32 use it for products. Default: false. */
  readonly tf32?: boolean | undefined;
  /** Whether to compute ratios even if the machine is busy or its load is unknown. Default: false. */
  readonly force?: boolean | undefined;
}

/** The fewest rounds that allow ratios, and the default number of rounds. */
export const RATIO_ROUNDS = 15;

/** The kinds of work that a candidate can do. */
export const WORKS: readonly Work[] = ['forward', 'step'];

/** The ranges of the numeric options, each as text and as a test. */
const benchRanges: Readonly<Record<'batch' | 'size' | 'rounds' | 'threads', Form>> = {
  batch: wholeFrom(1, 65_536),
  size: wholeFrom(1, 16_384),
  rounds: wholeFrom(1, 1000),
  threads: ranges['threads' satisfies RangeName],
};

/** Checks the options. @throws UsageError that names the first invalid one, as it is written on the command line */
export function checkBenchOptions(options: BenchOptions): void {
  if (options.models.length === 0)
    throw new UsageError('no network given: expected the name of a model, or a file');
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
    throw new UsageError(`${flag}: expected one or more values, separated by commas, got an empty one`);
  }
  const twice = list.find((item, i) => list.indexOf(item) < i);
  if (twice !== undefined) throw new UsageError(`${flag}: ${twice} appears twice: remove one`);
  const takesAll = name === 'backend' || name === 'rivals';
  if (takesAll && list.includes('all') && list.length > 1) {
    throw new UsageError(`${flag}: all includes every other value: remove either all or the others`);
  }
}

/** Returns the command line that repeats the benchmark. */
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
