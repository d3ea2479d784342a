// Runs one command with a time limit, and ends it together with all processes that it started. Its output goes to the log immediately.
import { spawn } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly seconds: number;
  /** The last lines of its output. */
  readonly tail: readonly string[];
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly seconds: number;
}

const TAIL_LINES = 30;
/** The time between SIGTERM and SIGKILL, and between SIGKILL or the exit and giving up on the process. */
const GRACE_MS = 3000;

/** The process group that is running. */
let running: number | undefined;

/**
 * Ends the running command and all processes that it started. Call it before this process exits: a detached group outlives its parent.
 */
export function endRunning(signal: NodeJS.Signals): void {
  if (running === undefined) return;
  try {
    process.kill(-running, signal);
  } catch {
    // The whole group has ended.
  }
}

/** Runs a command. Never throws: a program that cannot be started ends with code null. */
export async function runCommand({ program, args, env, seconds }: Command): Promise<Ended> {
  const began = Date.now();
  let text = '';
  let timedOut = false;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const take = (chunk: Buffer): void => {
    process.stdout.write(chunk);
    text = (text + chunk.toString()).slice(-20_000);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  running = child.pid;
  const timers: NodeJS.Timeout[] = [];
  const code = await new Promise<number | null>((resolve) => {
    const after = (milliseconds: number, work: () => void): void =>
      void timers.push(setTimeout(work, milliseconds));
    const leave = (why: string, exitCode: number | null): void => {
      text += `${why}\n`;
      for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
      child.unref();
      resolve(exitCode);
    };
    after(seconds * 1000, () => {
      timedOut = true;
      endRunning('SIGTERM');
      after(GRACE_MS, () => {
        endRunning('SIGKILL');
        // A process that is waiting in the driver does not end.
        after(GRACE_MS, () => leave('it did not end when killed', null));
      });
    });
    child.on('error', (error) => {
      text += `${error.message}\n`;
      resolve(null);
    });
    child.on('exit', (exitCode) => {
      endRunning('SIGKILL'); // processes that it left behind
      after(GRACE_MS, () => leave('a process that it started still holds its output', exitCode));
    });
    child.on('close', resolve);
  });
  for (const timer of timers) clearTimeout(timer); // otherwise they would end the next command
  running = undefined;
  const tail = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-TAIL_LINES);
  return { code, timedOut, seconds: (Date.now() - began) / 1000, tail };
}
