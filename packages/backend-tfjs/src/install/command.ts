// Runs the programs that the installation needs, and says in one line why one of them failed.
import { codeOf } from '@isonet/core';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Why the installation ends: one line, with the fix. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** The end of what it printed. An error is there, and a compiler may print megabytes. */
const KEPT = 2 ** 16;
const LONGEST_REASON = 400;

/**
 * @param what it does, as a sentence's beginning: `compiling the binding`
 * @returns what it printed to stdout
 * @throws InstallError with the reason that it printed
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
    stdout = (stdout + text).slice(-KEPT);
    all = (all + text).slice(-KEPT);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all = (all + text).slice(-KEPT);
  });
  const end = await ended(child);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (end === 'exit code 0') return stdout;
  throw new InstallError(`${what} failed: ${reasonIn(all) ?? `${program} printed nothing (${end})`}`);
}

/** How it ended. Only then may its files be removed. */
async function ended(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return code === null ? `killed by ${signal}` : `exit code ${code}`;
  } catch (error) {
    return `it does not start: ${codeOf(error)}`;
  }
}

/** Whether a program is there and answers. */
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

/** The lines that speak of an error, else the last one. npm ends with where its log is, pip with hints. */
function reasonIn(output: string): string | undefined {
  const lines = output.split('\n').flatMap((line) => line.trim() || []);
  const errors = lines
    .filter((line) => /\berror\b/i.test(line) && !/complete log|npm error code/i.test(line))
    .map((line) => line.replace(/^(npm error|ERROR:)\s*/, ''));
  const reason = errors.length > 0 ? errors.slice(0, 3).join('; ') : lines.at(-1);
  return reason?.slice(0, LONGEST_REASON);
}
