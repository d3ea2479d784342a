// The command line as a function from arguments and an `Io` to an exit code: 0 for success, 1 for an error, 2 for an invalid command
// line, 128 + N if signal N stopped the command, 141 if the reader of stdout has closed the pipe.
import { models, UsageError } from '@isonet/runs';
import { CommanderError } from 'commander';
import { backends } from './backends.ts';
import type { Tables } from './context.ts';
import type { Io } from './io.ts';
import { hasColor, printError, printLine, printNote } from './io.ts';
import { buildProgram } from './program.ts';
import { colors } from './show/text.ts';
import { errorLine } from './usage.ts';

/** Runs one command. Never throws: it prints an error as one line on `io.stderr`. */
export async function main(
  argv: readonly string[],
  io: Io,
  tables: Tables = { backends, models },
): Promise<number> {
  const exitCode = await run(argv, io, tables);
  return withProblems(io, exitCode, argv.includes('--json'));
}

async function run(argv: readonly string[], io: Io, tables: Tables): Promise<number> {
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
  // Commander has already printed its error, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const usage = error instanceof UsageError;
  printError(io, errorLine(error), colors(hasColor(io)).red);
  if (debug && error instanceof Error) for (const line of stackOf(error).split('\n')) printNote(io, line);
  return usage ? 2 : 1;
}

/** Reports failed output on the stream that still works. A command that has otherwise succeeded then fails. */
async function withProblems(io: Io, exitCode: number, json: boolean): Promise<number> {
  const { stdout, stderr } = await io.written();
  const { red } = colors(hasColor(io));
  if (stdout?.text !== undefined) printError(io, stdout.text, red);
  if (stderr?.text !== undefined && !json) printLine(io, `error: ${stderr.text}`);
  const problem = stdout ?? stderr;
  return exitCode === 0 && problem ? problem.exitCode : exitCode;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
