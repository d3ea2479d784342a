// The outside world of a command as a value: its output streams, its terminal and environment, and the signals that stop it. Tests
// pass their own; processIo.ts builds the one of this process.
import { visible, visibleJson } from './show/visible.ts';

/** A destination for text: a Node stream, or any object with the same `write`. */
export interface TextOutput {
  write(text: string): unknown;
}

/** A signal that asks a process to stop: Ctrl-C, `kill` or a service manager, a closing terminal. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The reason why output no longer arrives. */
export interface OutputProblem {
  /** The exit code of a command that has no worse problem. */
  readonly exitCode: number;
  /** The error to print; undefined if the reader has closed the pipe, as `head -3` does after three lines. */
  readonly text: string | undefined;
}

/** The problems of both outputs. */
export interface OutputProblems {
  readonly stdout: OutputProblem | undefined;
  readonly stderr: OutputProblem | undefined;
}

/** The outside world of a command: its output streams, its terminal, its environment and its signals. */
export interface Io {
  /** Results; with --json, only JSON. */
  readonly stdout: TextOutput;
  /** Progress, notes and errors. */
  readonly stderr: TextOutput;
  /** Whether both streams are terminals. */
  readonly isTTY: boolean;
  /** The terminal's current width. */
  readonly columns: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Calls `listener` once, at the next signal that asks to stop; the listener announces on `stderr` what happens next. While it
   * listens, the process continues; only a Ctrl-C after the announcement has been visible for a second ends it. Without a listener,
   * a signal ends the process at once.
   * @returns a function that stops listening
   */
  onInterrupt(listener: (signal: StopSignal) => void): () => void;
  /**
   * Calls `listener` as soon as results can no longer be written. Without a listener, the process prints the problem on `stderr`
   * and ends with its exit code.
   */
  onClosedOutput(listener: (problem: OutputProblem) => void): void;
  /** Calls `listener` whenever `columns` has changed. @returns a function that stops listening */
  onResize(listener: () => void): () => void;
  /** Waits until everything is written. @returns the problems that occurred */
  written(): Promise<OutputProblems>;
}

/** Exit codes of stopped commands, as in shells: 128 + the signal number. */
export const EXIT_CODES: Readonly<Record<StopSignal | 'SIGPIPE', number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGPIPE: 141,
  SIGTERM: 143,
};

/** Returns whether to print colours: on a terminal that supports them, unless the environment overrides it (no-color.org). */
export function hasColor({ isTTY, env }: Io): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTTY && !isDumb(env);
}

/** Returns whether a line can be redrawn in place. */
export function canRedraw({ isTTY, env }: Io): boolean {
  return isTTY && !isDumb(env);
}

/** Returns whether the terminal does not support escape codes, like the shells inside some editors. */
function isDumb(env: Io['env']): boolean {
  return env['TERM'] === 'dumb';
}

/** Prints a line of the result. Control characters are escaped. */
export function printLine(io: Io, text = ''): void {
  printStyled(io, visible(text));
}

/** Prints a line of the result unchanged, with its colour codes. The caller has applied `visible` to all external text in it. */
export function printStyled(io: Io, line: string): void {
  io.stdout.write(`${line}\n`);
}

/** Prints one JSON value on one line. */
export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${visibleJson(JSON.stringify(value))}\n`);
}

/** Prints progress or a note as a line on stderr. Control characters are escaped. */
export function printNote(io: Io, text: string): void {
  io.stderr.write(`${visible(text)}\n`);
}

/** Prints an error as a line on stderr. @param red colours its first word */
export function printError(io: Io, text: string, red: (word: string) => string): void {
  io.stderr.write(`${red('error:')} ${visible(text)}\n`);
}
