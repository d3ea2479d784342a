// One process that trains, and its end: its own, or a kill at a given moment.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Job, Message, Watched } from './messages.ts';

/** When to kill: some time after the process was started, or was prepared; or within the writing of the nth watched file. */
export type Aim =
  | { readonly at: 'start' | 'random'; readonly afterMs: number }
  | { readonly at: Watched; readonly nth: number; readonly afterMs: number };

/** What became of a process. Times are in milliseconds since 1970. */
export interface Attempt {
  readonly started: number;
  readonly ended: number;
  readonly killed: boolean;
  /** Undefined: it was killed before its run was prepared. */
  readonly ready?: { readonly step: number; readonly time: number } | undefined;
  /** When each step was told. */
  readonly steps: ReadonlyMap<number, number>;
  readonly notes: readonly string[];
  /** Why it trained nothing. */
  readonly refused: string | undefined;
  /** The temporary files that it left, relative to the run. */
  readonly left: readonly string[];
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/**
 * Runs a job in a process of its own.
 * @param aim undefined: it is not killed
 * @throws Error when it ends without a word
 */
export async function attempt(job: Job, aim?: Aim): Promise<Attempt> {
  const started = Date.now();
  // From source, where this process is.
  const argv = [...process.execArgv, CHILD, JSON.stringify(job)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const steps = new Map<number, number>();
  const notes: string[] = [];
  const heard: { ready?: Attempt['ready']; refused?: string; done?: true } = {};
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
  const hear = (message: Message): void => {
    if (message.kind === 'ready') {
      heard.ready = { step: message.step, time: message.time };
      if (aim?.at === 'random') killIn(aim.afterMs);
    }
    if (message.kind === 'step') steps.set(message.step, message.time);
    if (message.kind === 'writing' && aim && 'nth' in aim && ++writings === aim.nth) killIn(aim.afterMs);
    if (message.kind === 'note') notes.push(message.text);
    if (message.kind === 'refused') heard.refused = message.text;
    if (message.kind === 'done') heard.done = true;
  };
  createInterface({ input: child.stdout }).on('line', (line) => hear(JSON.parse(line) as Message));
  child.stderr.on('data', (bytes) => {
    errors += String(bytes);
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_, name) => resolve(name));
  });
  for (const timer of timers) clearTimeout(timer);
  const killed = signal === 'SIGKILL' && ended > 0;
  const { ready, refused } = heard;
  if (!killed && !heard.done && refused === undefined) {
    throw new Error(`${CHILD}: ended by ${String(signal)} without a word: ${errors.trim()}`);
  }
  // Those of processes before it are there until a run is locked again.
  const all = await temporaries(job.folder);
  const left = all.filter((name) => name.endsWith(`.${child.pid}.tmp`));
  return { started, ended: killed ? ended : Date.now(), killed, ready, steps, notes, refused, left };
}

/** The temporary files in the folder of a run, relative to it. */
export async function temporaries(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.tmp'));
}
