// What has asked a command to stop: a signal, or results that nobody can read. A command that has something to finish, a run to
// save or a file to write whole, looks here instead of being ended in the middle of it.
import type { Io, OutputProblem, StopSignal } from './io.ts';
import { EXIT_CODES, printNote } from './io.ts';

/** Whether a command was asked to stop, and what it then ends with. An AbortSignal as far as `fit` reads one. */
export class Stop {
  readonly #io: Io;
  #signal: StopSignal | undefined;
  #problem: OutputProblem | undefined;
  #end: (() => void) | undefined;

  /** Watches the output from now on: once it is closed, `aborted` is true. */
  constructor(io: Io) {
    this.#io = io;
    io.onClosedOutput((problem) => {
      this.#problem = problem;
    });
  }

  /** Watches for signals, too, until `end`. @param announce says what happens now */
  listen(announce: (signal: StopSignal) => void): void {
    this.end();
    this.#end = this.#io.onInterrupt((signal) => {
      this.#signal = signal;
      announce(signal);
    });
  }

  /** From here on a signal ends the process at once. */
  end(): void {
    this.#end?.();
    this.#end = undefined;
  }

  get aborted(): boolean {
    return this.exitCode !== undefined;
  }

  /** What the command ends with; undefined: as it would have. */
  get exitCode(): number | undefined {
    return this.#signal === undefined ? this.#problem?.exitCode : EXIT_CODES[this.#signal];
  }

  /** Whether what is printed as a result still arrives. */
  get outputIsOpen(): boolean {
    return this.#problem === undefined;
  }
}

/**
 * Writes files that must not be torn: a signal waits until they are whole.
 * @param shown what is written, as people typed it
 * @returns the exit code, where a signal came
 */
export async function writingWhole(
  io: Io,
  shown: string,
  work: () => Promise<unknown>,
): Promise<number | undefined> {
  let signal: StopSignal | undefined;
  const end = io.onInterrupt((heard) => {
    signal = heard;
    printNote(io, `stopping once ${shown} is written; interrupt again to leave at once`);
  });
  try {
    await work();
  } finally {
    end();
  }
  return signal === undefined ? undefined : EXIT_CODES[signal];
}
