// The world outside, as a value: where a command writes, what it may know, and what may ask it to stop. Tests pass one of their
// own; processIo.ts has that of this process.
import { visible, visibleJson } from './show/visible.ts';

/** Where text goes: a stream of Node, or anything else that takes text. */
export interface TextOutput {
  write(text: string): unknown;
}

/** What asks a process to stop: Ctrl-C, `kill` or a service manager, a terminal that closes. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Why nothing that is written arrives any more. */
export interface OutputProblem {
  /** Of a command that has nothing worse to say. */
  readonly exitCode: number;
  /** The error to print; undefined where the reader has left, as `head -3` does after three lines, and wants to hear nothing. */
  readonly text: string | undefined;
}

/** What of the two outputs has failed. */
export interface OutputProblems {
  readonly stdout: OutputProblem | undefined;
  readonly stderr: OutputProblem | undefined;
}

/** Where a command writes, and what it may know of the world outside. */
export interface Io {
  /** Results, and nothing but JSON after --json. */
  readonly stdout: TextOutput;
  /** Progress, notes and errors. */
  readonly stderr: TextOutput;
  /** Whether somebody watches both on a terminal. */
  readonly isTTY: boolean;
  /** The terminal's current width. */
  readonly columns: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Calls `listener` once, at the first signal from now on that asks to stop; it says on `stderr` what happens now. Until it no
   * longer listens the process goes on, but for a Ctrl-C after that line has been there for a second to read. Without a listener
   * a signal ends the process at once.
   * @returns what stops listening
   */
  onInterrupt(listener: (signal: StopSignal) => void): () => void;
  /**
   * Calls `listener` once results can no longer be written. Without one, the process ends there: with the problem's line on
   * `stderr`, and its exit code.
   */
  onClosedOutput(listener: (problem: OutputProblem) => void): void;
  /** Calls `listener` whenever `columns` has changed. @returns what stops listening */
  onResize(listener: () => void): () => void;
  /** Waits until all is written. @returns what could not be */
  written(): Promise<OutputProblems>;
}

/** Exit codes of what was stopped, as shells have them: 128 and the number of the signal. */
export const EXIT_CODES: Readonly<Record<StopSignal | 'SIGPIPE', number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGPIPE: 141,
  SIGTERM: 143,
};

/** Whether colours are wanted: on a terminal that has them, unless the environment says otherwise (no-color.org). */
export function hasColor({ isTTY, env }: Io): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTTY && !isDumb(env);
}

/** Whether a line can be drawn anew in place. */
export function canRedraw({ isTTY, env }: Io): boolean {
  return isTTY && !isDumb(env);
}

/** The terminal of an editor's shell, say, which knows no codes at all. */
function isDumb(env: Io['env']): boolean {
  return env['TERM'] === 'dumb';
}

/** A line of the result. What it holds of controls is escaped. */
export function printLine(io: Io, text = ''): void {
  printStyled(io, visible(text));
}

/** A line of the result as it is, with codes of colours; whatever it holds from outside was made `visible` before. */
export function printStyled(io: Io, line: string): void {
  io.stdout.write(`${line}\n`);
}

/** One JSON value on one line. */
export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${visibleJson(JSON.stringify(value))}\n`);
}

/** A line on stderr, apart from the result: progress, a note. What it holds of controls is escaped. */
export function printNote(io: Io, text: string): void {
  io.stderr.write(`${visible(text)}\n`);
}

/** A line on stderr that says what went wrong. @param red paints its first word */
export function printError(io: Io, text: string, red: (word: string) => string): void {
  io.stderr.write(`${red('error:')} ${visible(text)}\n`);
}
