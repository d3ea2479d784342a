// Declares the options and the help of `isonet bench`.
import { rivals } from '@isonet/bench';
import { ranges } from '@isonet/core';
import type { Command } from 'commander';
import type { BenchOptions } from './commands/bench.ts';
import { DIMS_HELP, TF32_HELP, THREADS_HELP } from './helpTexts.ts';
import { path, sizes, integerAs, integersAs, words } from './usage.ts';

/** The parts that the command shares with other commands. */
export interface BenchParts {
  readonly modelHelp: string;
  readonly backendNames: string;
  readonly examples: (...lines: readonly string[]) => string;
  readonly run: (models: readonly string[], options: BenchOptions) => Promise<void>;
}

/** Declares `isonet bench`. The options accept any positive integer; `runBench` rejects those that make no sense. */
export function addBench(program: Command, { modelHelp, backendNames, examples, run }: BenchParts): void {
  program
    .command('bench')
    .description('time training steps and forward passes on backends and in other libraries, in turns')
    .argument('<model...>', modelHelp)
    .option(
      '--backend <names>',
      `${backendNames}, an npm package or a file, separated by commas; NAME:DEVICE for one of its devices; auto: the fastest device available; all: every available device but the slowest; ratios are relative to the first (default: auto)`,
      words,
    )
    .option(
      '--rivals <names>',
      'other libraries, such as torch,mxnet, or your own programs, separated by commas; NAME:DEVICE for one of its devices; all: those that are installed (default: none)',
      words,
    )
    .option('--recipe <name>', 'settings of the training steps: book, fast or best (default: best)')
    .option(
      '--batch <list>',
      "images per run, such as 1,32,256 (default: the recipe's)",
      integersAs(ranges.count),
    )
    .option(
      '--size <list>',
      "height and width of the images, such as 28,96 (default: the network's)",
      integersAs(ranges.count),
    )
    .option('--dims <sizes>', DIMS_HELP, sizes)
    .option('--work <list>', 'forward, step (default: both)', words)
    .option(
      '--rounds <n>',
      'turns of each candidate; ratios need at least 15 (default: 15)',
      integerAs(ranges.count),
    )
    .option('--threads <n>', THREADS_HELP, integerAs(ranges.threads))
    .option('--tf32', TF32_HELP)
    .option('--force', 'print ratios even on a busy machine, and replace existing files')
    .option('--out <file>', 'also write the report as JSON', path)
    .option('--markdown <file>', 'also write the report as Markdown', path)
    .option('--plot <file>', 'also plot the report as SVG', path)
    .option('--compare <file>', 'report what has changed since an older report', path)
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `${rivalsHelp()}${examples(
        'isonet bench nin',
        'isonet bench nin --backend onnx,tfjs --rivals torch,mxnet',
        'isonet bench nin googlenet28 --batch 1,32,256 --work step --plot steps.svg',
        'isonet bench nin --out today.json --compare yesterday.json',
      )}`,
    )
    .action(run);
}

/** Lists every rival with its name and description. */
function rivalsHelp(): string {
  const width = Math.max(...rivals.map(({ name }) => name.length));
  const lines = rivals.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`);
  return `\nRivals:\n${lines.join('\n')}\n`;
}
