// The options of `isonet data`, and its help.
import type { Command } from 'commander';
import type { DataOptions } from './commands/data.ts';
import { path } from './usage.ts';

/** What the command shares with the others. */
export interface DataParts {
  readonly examples: (...lines: readonly string[]) => string;
  readonly run: (folder: string, options: DataOptions) => Promise<void>;
}

/** Declares the command. @returns it: subcommands are added to it */
export function addData(program: Command, { examples, run }: DataParts): Command {
  return program
    .command('data')
    .description('look at a folder of pictures: classes, sizes, levels, duplicates, damaged files')
    .argument('<folder>', 'folder with a folder of pictures for each class, or with a labels.csv', path)
    .option('--manifest <file>', 'CSV file with the columns path, label and, optionally, split', path)
    .option('--html <file>', 'also write a contact sheet', path)
    .option('--force', 'replace the file if it exists')
    .option('--json', 'one JSON value')
    .addHelpText('after', examples('isonet data flowers', 'isonet data flowers --html flowers.html'))
    .action(run);
}
