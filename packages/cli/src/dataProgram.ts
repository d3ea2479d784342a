// Declares the options and the help of `isonet data`.
import type { Command } from 'commander';
import type { DataOptions } from './commands/data.ts';
import { addDataFetch, dataFetch } from './commands/dataFetch.ts';
import type { Context } from './context.ts';
import { path } from './usage.ts';

/** The parts that the command shares with other commands. */
export interface DataParts {
  readonly context: Context;
  readonly examples: (...lines: readonly string[]) => string;
  readonly finish: (exitCode: Promise<number>) => Promise<void>;
}

/** Declares `isonet data` and its subcommand `fetch`. */
export function addData(program: Command, { context, examples, finish }: DataParts): void {
  const data = program
    .command('data')
    .description(
      'inspect an image folder: classes, sizes, pixel statistics, duplicates, damaged files; or fetch a dataset',
    )
    .argument('<folder>', 'image folder, with one subfolder per class or with a labels.csv', path)
    .option('--manifest <file>', 'CSV file with the columns path, label and, optionally, split', path)
    .option('--html <file>', 'also write a contact sheet', path)
    .option('--force', 'replace the file if it exists')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      examples('isonet data flowers', 'isonet data flowers --html flowers.html', 'isonet data fetch cifar10'),
    )
    .action(async (folder: string, options: DataOptions) =>
      finish((await import('./commands/data.ts')).data(context, folder, options)),
    );
  addDataFetch(data, {
    examples,
    run: async (name, options) => finish(dataFetch(context, name, options)),
  });
}
