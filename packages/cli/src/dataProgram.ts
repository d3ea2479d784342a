// The command `isonet data`, and its help.
import type { Command } from 'commander';
import { addDataFetch, dataFetch } from './commands/dataFetch.ts';
import type { Context } from './context.ts';

/** What the command shares with the others. */
export interface DataParts {
  readonly context: Context;
  readonly examples: (...lines: readonly string[]) => string;
  readonly finish: (exitCode: Promise<number>) => Promise<void>;
}

/** Declares the command. */
export function addData(program: Command, { context, examples, finish }: DataParts): void {
  const data = program.command('data').description('fetch data sets to train on');
  addDataFetch(data, {
    examples,
    run: async (name, options) => finish(dataFetch(context, name, options)),
  });
}
