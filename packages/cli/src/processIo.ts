// The `Io` of this process: its streams, which may close or fail at any moment, its terminal and its signals.
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { codeOf, messageOf } from '@isonet/core';
import type { Io, OutputProblem, TextOutput } from './io.ts';
import { EXIT_CODES, hasColor, printError } from './io.ts';
import { colors } from './show/text.ts';
import { onInterrupt } from './signals.ts';

/** Returns the `Io` of this process. */
export function processIo(): Io {
  const stdout = new Output('stdout', process.stdout);
  const stderr = new Output('stderr', process.stderr);
  const io: Io = {
    stdout,
    stderr,
    isTTY: process.stdout.isTTY && process.stderr.isTTY,
    get columns() {
      return process.stdout.columns || 80;
    },
    cwd: process.cwd(),
    env: process.env,
    onInterrupt: (listener) =>
      onInterrupt(process, listener, { announced: () => stderr.written(), leave: exit }),
    onClosedOutput: (listener) => stdout.onProblem(listener),
    onResize: (listener) => {
      process.stdout.on('resize', listener);
      return () => {
        process.stdout.off('resize', listener);
      };
    },
    written: async () => {
      await stdout.written();
      await stderr.written();
      return { stdout: stdout.problem, stderr: stderr.problem };
    },
  };
  stdout.onProblem(({ text, exitCode }) => {
    if (text !== undefined) printError(io, text, colors(hasColor(io)).red);
    exit(exitCode);
  });
  closeLostTerminals();
  return io;
}

/** One of the two output streams of the process. After the first failed write, it drops all further text. */
class Output implements TextOutput {
  readonly #name: string;
  readonly #stream: NodeJS.WriteStream;
  #listener: ((problem: OutputProblem) => void) | undefined;
  #problem: OutputProblem | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(name: string, stream: NodeJS.WriteStream) {
    this.#name = name;
    this.#stream = stream;
    stream.on('error', (error) => this.#fail(error));
  }

  write(text: string): void {
    if (this.#problem) return;
    this.#last = new Promise((resolve) => {
      try {
        this.#stream.write(text, (error) => {
          if (error) this.#fail(error);
          resolve();
        });
      } catch (error) {
        // Node 20 writes to files synchronously and throws.
        this.#fail(error);
        resolve();
      }
    });
  }

  get problem(): OutputProblem | undefined {
    return this.#problem;
  }

  /** Replaces the listener that is called at the first problem. */
  onProblem(listener: (problem: OutputProblem) => void): void {
    this.#listener = listener;
  }

  /** Resolves once everything is written: to false if writing failed, else to true. */
  async written(): Promise<boolean> {
    await this.#last;
    return this.#problem === undefined;
  }

  #fail(error: unknown): void {
    if (this.#problem) return;
    this.#problem = problemOf(this.#name, error);
    this.#listener?.(this.#problem);
  }
}

const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space, or write to another disk',
  EDQUOT: 'your disk quota is used up: free some space, or write to another disk',
  EFBIG: 'the file has reached the maximum file size: raise the limit (ulimit -f), or write elsewhere',
  EIO: 'the terminal or the disk is gone',
};

function problemOf(name: string, error: unknown): OutputProblem {
  const code = codeOf(error);
  if (code === 'EPIPE') return { exitCode: EXIT_CODES.SIGPIPE, text: undefined };
  const fix = code === undefined ? undefined : FIXES[code];
  return {
    exitCode: 1,
    text: `${name} cannot be written: ${fix === undefined ? messageOf(error) : `${fix} (${String(code)})`}`,
  };
}

function exit(code: number): never {
  return process.exit(code);
}

/**
 * Closes terminals that no longer exist. At exit, Node restores the modes of its terminals; it aborts with code 134 if one is gone, but
 * skips closed ones.
 */
function closeLostTerminals(): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.once('exit', () => {
    for (const fd of terminals) {
      if (isatty(fd)) continue;
      try {
        closeSync(fd);
      } catch {
        // EBADF: already closed. An error thrown here would replace the exit code.
      }
    }
  });
}
