// Starts the command line as a process: in a pseudo-terminal, behind npm, or with outputs that a test chooses.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn as spawnInTerminal } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';
import { shellWord } from '@isonet/runs';
import type { World } from './helpers.ts';
import { sourceArgs } from './tables.ts';

/** Arguments of Node that run the command line from source. */
export const nodeArgs: readonly string[] = [
  ...sourceArgs,
  fileURLToPath(new URL('tinyMain.ts', import.meta.url)),
];

/** Arguments of a training run that takes milliseconds per step, and hours in total. */
export const endless = (world: World): readonly string[] =>
  `train tiny --backend reference --batch-size 10 --epochs 100000 --out run --data`
    .split(' ')
    .concat(world.data);

/** Returns whether the shell finds a command. */
export function hasCommand(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Creates a project in the folder of the world, with the command `isonet` and a script `train` that starts the endless training run. */
export async function makeProject(world: World): Promise<void> {
  const bin = join(world.cwd, 'node_modules', '.bin');
  await mkdir(bin, { recursive: true });
  const command = [process.execPath, ...nodeArgs].map((word) => shellWord(word)).join(' ');
  await writeFile(join(bin, 'isonet'), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  const train = ['isonet', ...endless(world).map((word) => shellWord(word))].join(' ');
  const manifest = { name: 'project', version: '1.0.0', private: true, scripts: { train } };
  await writeFile(join(world.cwd, 'package.json'), JSON.stringify(manifest));
}

/** A program in a pseudo-terminal. */
export interface InTerminal {
  /** Everything that the program has written so far. */
  readonly text: string;
  type(keys: string): void;
  resize(columns: number): void;
  /** Closes the window. */
  close(): void;
  /** Its exit code, as a shell reports it. */
  readonly ended: Promise<number>;
}

export function inTerminal(
  cwd: string,
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): InTerminal {
  const terminal = spawnInTerminal(file, args, {
    cols: 100,
    rows: 30,
    cwd,
    env: {
      ...process.env,
      NO_COLOR: '1',
      TERM: 'xterm-256color',
      npm_config_update_notifier: 'false',
      ...env,
    },
  });
  const state = { text: '', hasEnded: false };
  terminal.onData((text) => (state.text += text));
  const ended = new Promise<number>((resolve) =>
    terminal.onExit(({ exitCode, signal = 0 }) => {
      state.hasEnded = true;
      resolve(signal > 0 ? 128 + signal : exitCode);
    }),
  );
  onTestFinished(() => {
    if (!state.hasEnded) process.kill(terminal.pid, 'SIGKILL');
  });
  return {
    get text() {
      return state.text;
    },
    type: (keys) => terminal.write(keys),
    resize: (columns) => terminal.resize(columns, 30),
    // The class has `destroy`; its interface does not.
    close: () => {
      if ('destroy' in terminal && typeof terminal.destroy === 'function') {
        Reflect.apply(terminal.destroy, terminal, []);
      }
    },
    ended,
  };
}

/** The exit code and the output of a process. */
export interface Ended {
  /** The exit code, as a shell reports it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line as a process. Each output is `pipe` or a file descriptor. */
export function start(
  cwd: string,
  args: readonly string[],
  [stdout, stderr]: readonly ['pipe' | number, 'pipe' | number] = ['pipe', 'pipe'],
): {
  readonly pid: number;
  /** Calls `listener` with the whole stdout so far, whenever there is more. */
  onOutput(listener: (text: string) => void): void;
  /** Closes the reading end of stdout. */
  stopReading(): void;
  readonly ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, [...nodeArgs, ...args], {
    cwd,
    // A process group, as a shell creates for each command.
    detached: true,
    stdio: ['ignore', stdout, stderr],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the process did not start');
  const texts = { stdout: '', stderr: '' };
  const listeners: ((text: string) => void)[] = [];
  child.stdout?.on('data', (chunk: Buffer) => {
    texts.stdout += chunk.toString('utf8');
    for (const listener of listeners) listener(texts.stdout);
  });
  child.stderr?.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString('utf8')));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 128 + (signal === null ? 0 : osConstants.signals[signal]), ...texts });
    });
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    pid,
    onOutput: (listener) => void listeners.push(listener),
    stopReading: () => void child.stdout?.destroy(),
    ended,
  };
}

/** Reads run.json of the endless training run. */
export async function runRecord(world: World): Promise<unknown> {
  return JSON.parse(await readFile(join(world.cwd, 'run', 'run.json'), 'utf8'));
}
