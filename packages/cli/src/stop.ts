// Tracks requests to stop a command: a signal, or a closed output. A command that must finish something, such as saving a run or
// writing a file, polls this instead of being killed in the middle.
import type { Io, OutputProblem, StopSignal } from './io.ts';
import { EXIT_CODES, printNote } from './io.ts';

/** Records whether a command was asked to stop, and its exit code in that case. `fit` accepts it as an AbortSignal. */
export class Stop {
  readonly #io: Io;
  #signal: StopSignal | undefined;
  #problem: OutputProblem | undefined;
  #end: (() => void) | undefined;

  /** Starts watching the output: once it is closed, `aborted` is true. */
  constructor(io: Io) {
    this.#io = io;
    io.onClosedOutput((problem) => {
      this.#problem = problem;
    });
  }

  /** Also watches for signals, until `end`. @param announce tells the user what happens next */
  listen(announce: (signal: StopSignal) => void): void {
    this.end();
    this.#end = this.#io.onInterrupt((signal) => {
      this.#signal = signal;
      announce(signal);
    });
  }

  /** Stops watching for signals: the next one ends the process at once. */
  end(): void {
    this.#end?.();
    this.#end = undefined;
  }

  get aborted(): boolean {
    return this.exitCode !== undefined;
  }

  /** The exit code of a stopped command; undefined if nothing asked it to stop. */
  get exitCode(): number | undefined {
    return this.#signal === undefined ? this.#problem?.exitCode : EXIT_CODES[this.#signal];
  }

  /** Whether results can still be printed. */
  get outputIsOpen(): boolean {
    return this.#problem === undefined;
  }
}

/**
 * Writes files that must be complete: a signal takes effect only after they are written.
 * @param shown the name of the file, for messages
 * @returns the exit code if a signal arrived
 */
export async function writingWhole(
  io: Io,
  shown: string,
  work: () => Promise<unknown>,
): Promise<number | undefined> {
  let signal: StopSignal | undefined;
  const end = io.onInterrupt((heard) => {
    signal = heard;
    printNote(io, `stopping once ${shown} is written; interrupt again to exit at once`);
  });
  try {
    await work();
  } finally {
    end();
  }
  return signal === undefined ? undefined : EXIT_CODES[signal];
}
