// The options of `isonet bench`, and its help.
import { rivals } from '@isonet/bench';
import { ranges } from '@isonet/core';
import type { Command } from 'commander';
import type { BenchOptions } from './commands/bench.ts';
import { DIMS_HELP, TF32_HELP, THREADS_HELP } from './helpTexts.ts';
import { path, sizes, wholeAs, wholesAs, words } from './usage.ts';

/** What the command shares with the others. */
export interface BenchParts {
  readonly modelHelp: string;
  readonly backendNames: string;
  readonly examples: (...lines: readonly string[]) => string;
  readonly run: (models: readonly string[], options: BenchOptions) => Promise<void>;
}

/** Declares the command. What numbers make sense beyond being whole ones, `runBench` itself says. */
export function addBench(program: Command, { modelHelp, backendNames, examples, run }: BenchParts): void {
  program
    .command('bench')
    .description('time training steps and forward passes, on backends and in other libraries in turns')
    .argument('<model...>', modelHelp)
    .option(
      '--backend <names>',
      `${backendNames}, an npm package or a file, separated by commas; NAME:DEVICE for one of its devices; auto, the fastest one here; all: every device here but the slowest; ratios refer to the first (default: auto)`,
      words,
    )
    .option(
      '--rivals <names>',
      'other libraries, such as torch,mxnet, or programs of your own, separated by commas; NAME:DEVICE for one of its devices; all: those that are installed (default: none)',
      words,
    )
    .option('--recipe <name>', 'book, fast or best: the settings of the steps (default: best)')
    .option(
      '--batch <list>',
      "images per run, such as 1,32,256 (default: the recipe's)",
      wholesAs(ranges.count),
    )
    .option(
      '--size <list>',
      "height and width of the images, such as 28,96 (default: the network's)",
      wholesAs(ranges.count),
    )
    .option('--dims <sizes>', DIMS_HELP, sizes)
    .option('--work <list>', 'forward, step (default: both)', words)
    .option(
      '--rounds <n>',
      'turns of each candidate; fewer than 15 give no ratios (default: 15)',
      wholeAs(ranges.count),
    )
    .option('--threads <n>', THREADS_HELP, wholeAs(ranges.threads))
    .option('--tf32', TF32_HELP)
    .option('--force', 'print ratios on a busy machine as well, and replace files that exist')
    .option('--out <file>', 'also write the report as JSON', path)
    .option('--markdown <file>', 'also write it as a page of Markdown', path)
    .option('--plot <file>', 'also draw it as SVG', path)
    .option('--compare <file>', 'say what has changed since an older report', path)
    .option('--json', 'one JSON value')
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

/** Every rival by its name, with what it is. */
function rivalsHelp(): string {
  const width = Math.max(...rivals.map(({ name }) => name.length));
  const lines = rivals.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`);
  return `\nRivals:\n${lines.join('\n')}\n`;
}
