// Runs one training process until it ends or is killed at a given moment.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Job, Message, Watched } from './messages.ts';

/** When to kill: a given time after the process started or its run was prepared, or during the writing of the nth watched file. */
export type Aim =
  | { readonly at: 'start' | 'random'; readonly afterMs: number }
  | { readonly at: Watched; readonly nth: number; readonly afterMs: number };

/** The outcome of a process. Times are in milliseconds since 1970. */
export interface Attempt {
  readonly started: number;
  readonly ended: number;
  readonly killed: boolean;
  /** Undefined if it was killed before its run was prepared. */
  readonly ready?: { readonly step: number; readonly time: number } | undefined;
  /** When each step was reported. */
  readonly steps: ReadonlyMap<number, number>;
  readonly notes: readonly string[];
  /** The error if it could not train. */
  readonly refused: string | undefined;
  /** The temporary files that it left, relative to the run. */
  readonly left: readonly string[];
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/**
 * Runs a job in a separate process.
 * @param aim when to kill it; never if undefined
 * @throws Error if it ends without a result
 */
export async function attempt(job: Job, aim?: Aim): Promise<Attempt> {
  const started = Date.now();
  // The child runs from source if this process does.
  const argv = [...process.execArgv, CHILD, JSON.stringify(job)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const steps = new Map<number, number>();
  const notes: string[] = [];
  const received: { ready?: Attempt['ready']; refused?: string; done?: true } = {};
  let [writings, ended, errors] = [0, 0, ''];
  const timers: NodeJS.Timeout[] = [];
  const killIn = (ms: number): void => {
    timers.push(
      setTimeout(() => {
        ended = Date.now();
        child.kill('SIGKILL');
      }, ms),
    );
  };
  if (aim?.at === 'start') killIn(aim.afterMs);
  const receive = (message: Message): void => {
    if (message.kind === 'ready') {
      received.ready = { step: message.step, time: message.time };
      if (aim?.at === 'random') killIn(aim.afterMs);
    }
    if (message.kind === 'step') steps.set(message.step, message.time);
    if (message.kind === 'writing' && aim && 'nth' in aim && ++writings === aim.nth) killIn(aim.afterMs);
    if (message.kind === 'note') notes.push(message.text);
    if (message.kind === 'refused') received.refused = message.text;
    if (message.kind === 'done') received.done = true;
  };
  createInterface({ input: child.stdout }).on('line', (line) => receive(JSON.parse(line) as Message));
  child.stderr.on('data', (bytes) => {
    errors += String(bytes);
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_, name) => resolve(name));
  });
  for (const timer of timers) clearTimeout(timer);
  const killed = signal === 'SIGKILL' && ended > 0;
  const { ready, refused } = received;
  if (!killed && !received.done && refused === undefined) {
    throw new Error(`${CHILD}: ended by ${String(signal)} without a result: ${errors.trim()}`);
  }
  // Temporary files of earlier processes remain until a run is locked again.
  const all = await temporaries(job.folder);
  const left = all.filter((name) => name.endsWith(`.${child.pid}.tmp`));
  return { started, ended: killed ? ended : Date.now(), killed, ready, steps, notes, refused, left };
}

/** Lists the temporary files in the folder of a run, relative to it. */
export async function temporaries(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.tmp'));
}
