// The command line as a function: arguments and a world in, an exit code out. 0 is success, 1 an error on the way, 2 a
// command line that makes no sense, 130 an interrupted run, 141 one whose output was closed.
import { models, UsageError } from '@isonet/runs';
import { CommanderError } from 'commander';
import { backends } from './backends.ts';
import type { Tables } from './context.ts';
import type { Io } from './io.ts';
import { hasColor } from './io.ts';
import { buildProgram } from './program.ts';
import { colors } from './show/text.ts';
import { errorLine } from './usage.ts';

/** Runs one command. Never throws: what goes wrong is one line on `io.stderr`. */
export async function main(
  argv: readonly string[],
  io: Io,
  tables: Tables = { backends, models },
): Promise<number> {
  let exitCode = 0;
  const program = buildProgram({ io, cwd: io.cwd, ...tables }, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, io, argv.includes('--debug'));
  }
}

function report(error: unknown, io: Io, debug: boolean): number {
  // Commander has printed its own line, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const usage = error instanceof UsageError;
  const { red } = colors(hasColor(io));
  io.stderr.write(`${red('error:')} ${errorLine(error)}\n`);
  if (debug && error instanceof Error) io.stderr.write(`${stackOf(error)}\n`);
  return usage ? 2 : 1;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
