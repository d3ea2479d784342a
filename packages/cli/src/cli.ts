// The command line as a function: arguments and a world in, an exit code out. 0 is success, 1 an error on the way, 2 a
// command line that makes no sense, 128 + N when signal N stopped it, 141 when the reader of stdout has left.
import { models, UsageError } from '@isonet/runs';
import { CommanderError } from 'commander';
import { backends } from './backends.ts';
import type { Tables } from './context.ts';
import type { Io } from './io.ts';
import { hasColor, printError, printLine, printNote } from './io.ts';
import { buildProgram } from './program.ts';
import { colors } from './show/text.ts';
import { errorLine } from './usage.ts';

/** Runs one command. Never throws: what goes wrong is one line on `io.stderr`. */
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
  // Commander has printed its own line, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const usage = error instanceof UsageError;
  printError(io, errorLine(error), colors(hasColor(io)).red);
  if (debug && error instanceof Error) for (const line of stackOf(error).split('\n')) printNote(io, line);
  return usage ? 2 : 1;
}

/** Says what could not be written, where there is still somewhere to say it; a command that went well has not, then. */
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
