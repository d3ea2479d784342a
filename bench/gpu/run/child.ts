// One command with a time limit: it and all that it has started end with it. What it prints goes to the log as it comes.
import { spawn } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly seconds: number;
  /** The end of what it printed. */
  readonly tail: readonly string[];
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly seconds: number;
}

const TAIL_LINES = 30;
const GRACE_MS = 3000;

/** The process group that is running. */
let running: number | undefined;

/** Ends the command that is running, with all that it has started. Whoever ends this process has to: a group of its own lives on. */
export function endRunning(signal: NodeJS.Signals): void {
  if (running === undefined) return;
  try {
    process.kill(-running, signal);
  } catch {
    // The whole group has ended.
  }
}

/** Never throws: a program that does not start ends with code null. */
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
  let grace: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    timedOut = true;
    endRunning('SIGTERM');
    grace = setTimeout(() => endRunning('SIGKILL'), GRACE_MS);
  }, seconds * 1000);
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      text += `${error.message}\n`;
      resolve(null);
    });
    child.on('close', resolve);
  });
  clearTimeout(limit);
  clearTimeout(grace); // or it would end the next one
  endRunning('SIGKILL'); // what it has left behind
  running = undefined;
  const tail = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-TAIL_LINES);
  return { code, timedOut, seconds: (Date.now() - began) / 1000, tail };
}
