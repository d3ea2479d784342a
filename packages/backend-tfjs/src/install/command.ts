// Runs the programs that the installation needs, and reports in one line why one of them failed.
import { codeOf } from '@isonet/core';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The reason why the installation failed: one line, with the fix. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Stops the program early. */
  readonly signal: AbortSignal;
}

/** The number of characters to keep from the end of the output. Errors are there, and a compiler may print megabytes. */
const MAX_OUTPUT = 2 ** 16;
const LONGEST_REASON = 400;

/**
 * Runs a program to its end.
 * @param what the start of the error message, e.g. `compiling the binding`
 * @returns the program's stdout
 * @throws InstallError with the reason that the program printed
 */
export async function run(
  what: string,
  { program, args, env = process.env, signal }: Command,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const stop = (): void => void child.kill();
  signal.addEventListener('abort', stop);
  let [stdout, all] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-MAX_OUTPUT);
    all = (all + text).slice(-MAX_OUTPUT);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all = (all + text).slice(-MAX_OUTPUT);
  });
  const end = await ended(child);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (end === 'exit code 0') return stdout;
  throw new InstallError(`${what} failed: ${reasonIn(all) ?? `${program} printed nothing (${end})`}`);
}

/** Waits for the program's end, after which its files may be removed. @returns how it ended */
async function ended(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return code === null ? `killed by ${signal}` : `exit code ${code}`;
  } catch (error) {
    return `it failed to start: ${codeOf(error)}`;
  }
}

/** Returns whether a program exists and runs successfully. */
export async function answers(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await run(program, { program, args, signal });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Returns the lines that mention an error, or else the last line. npm's last line names its log, and pip's is a hint. */
function reasonIn(output: string): string | undefined {
  const lines = output.split('\n').flatMap((line) => line.trim() || []);
  const errors = lines
    .filter((line) => /\berror\b/i.test(line) && !/complete log|npm error code/i.test(line))
    .map((line) => line.replace(/^(npm error|ERROR:)\s*/, ''));
  const reason = errors.length > 0 ? errors.slice(0, 3).join('; ') : lines.at(-1);
  return reason?.slice(0, LONGEST_REASON);
}
