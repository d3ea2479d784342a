// The world outside, as a value: where a command writes, and what it may know. Tests pass one of their own.

/** Where text goes: a stream of Node, or anything else that takes text. */
export interface TextOutput {
  write(text: string): unknown;
}

/** Where a command writes, and what it may know of the world outside. */
export interface Io {
  /** Results, and nothing but JSON after --json. */
  readonly stdout: TextOutput;
  /** Progress, notes and errors. */
  readonly stderr: TextOutput;
  /** Whether somebody watches both on a terminal. */
  readonly isTTY: boolean;
  readonly columns: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Calls `listener` at the first interrupt from now on; the next one ends the process at once.
   * @returns what stops listening
   */
  onInterrupt(listener: () => void): () => void;
  /**
   * Calls `listener` once the reader of the results has left, as `head -3` does after three lines: from then on nothing that is
   * written arrives. Without a listener the process ends there, with 0.
   */
  onClosedOutput(listener: () => void): void;
}

/** Exit codes of what was stopped: 128 and the number of SIGINT, of SIGPIPE. */
export const STOPPED = { interrupted: 130, closedOutput: 141 } as const;

/** The io of this process. */
export function processIo(): Io {
  const { stdout, stderr } = process;
  const onClosedOutput = whenClosed(stdout, () => process.exit(0));
  // Of notes that nobody reads, nothing is lost: with 2>&1, stdout will notice.
  whenClosed(stderr, () => undefined);
  return {
    stdout,
    stderr,
    isTTY: stdout.isTTY && stderr.isTTY,
    columns: stdout.columns || 80,
    cwd: process.cwd(),
    env: process.env,
    onInterrupt: (listener) => {
      let interrupted = false;
      const onSignal = (): void => {
        if (interrupted) process.exit(STOPPED.interrupted);
        interrupted = true;
        listener();
      };
      const signals = ['SIGINT', 'SIGTERM'] as const;
      for (const signal of signals) process.on(signal, onSignal);
      return () => {
        for (const signal of signals) process.off(signal, onSignal);
      };
    },
    onClosedOutput,
  };
}

/** Calls `first`, or what the result is given instead, at the first write to a stream whose reader has left. */
function whenClosed(stream: NodeJS.WriteStream, first: () => void): (listener: () => void) => void {
  let onClosed: (() => void) | undefined = first;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    const listener = onClosed;
    onClosed = undefined;
    listener?.();
  });
  return (listener) => {
    onClosed = listener;
  };
}

/** Whether somebody still reads the results. */
export interface OutputWatch {
  readonly closed: boolean;
}

/** Watches the output from now on: once it is closed, a command that has something to finish does that, as at an interrupt. */
export function watchOutput(io: Io): OutputWatch {
  const output = { closed: false };
  io.onClosedOutput(() => {
    output.closed = true;
  });
  return output;
}

/** Whether colours are wanted: on a terminal that has them, unless the environment says otherwise (no-color.org). */
export function hasColor({ isTTY, env }: Io): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTTY && env['TERM'] !== 'dumb';
}

/** A line of the result. */
export function printLine(io: Io, text = ''): void {
  io.stdout.write(`${text}\n`);
}

/** One JSON value on one line. */
export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A line on stderr, apart from the result: progress, a note. */
export function printNote(io: Io, text: string): void {
  io.stderr.write(`${text}\n`);
}
