// A candidate as a process: what it is asked goes to its stdin and what it answers comes from its stdout, a line each. When it
// dies, answers nothing or prints something else, that is an error of this candidate, and the others go on.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { defined, messageOf } from '@isonet/core';
import type { Answers, Request } from '../protocol.ts';
import { readAnswer } from './answers.ts';
import type { Leftovers } from './leftovers.ts';

/** What went wrong with a candidate, and what may help. */
export class CandidateError extends Error {
  override readonly name: string = 'CandidateError';
  readonly fix: string;

  constructor(reason: string, fix: string, options?: ErrorOptions) {
    super(reason, options);
    this.fix = fix;
  }
}

/** A candidate that says itself, when it is opened, that it cannot do the work here. */
export class CandidateRefusal extends CandidateError {
  override readonly name = 'CandidateRefusal';
}

/** A stop was requested outside a timed turn. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** How a candidate is started. */
export interface ProcessOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** What it may take for one answer. */
  readonly timeoutMs: number;
  /** The longest line that it may answer with, in characters. */
  readonly longestLine: number;
  /** Ends it where this process ends early. */
  readonly leftovers: Leftovers;
}

/** Asks to stop. An AbortSignal is one. */
export interface StopRequest {
  readonly aborted: boolean;
}

/** Of a program that does not keep to the protocol. */
export const PROTOCOL_FIX = 'correct the program: protocol.ts of @isonet/bench says what it is to answer';

/** How much of stderr is kept for the message of one that dies. */
const KEPT_STDERR = 8192;
/** How long a process may take to exit after its last answer. */
const EXIT_MS = 2000;
/** How often somebody who has asked to stop is looked for. */
const POLL_MS = 100;

interface Pending {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** A candidate's process. It is asked one thing at a time. */
export class CandidateProcess {
  readonly #options: ProcessOptions;
  readonly #child: ChildProcess;
  readonly #forget: () => void;
  readonly #ended: Promise<void>;
  #pending: Pending | undefined;
  #failure: CandidateError | undefined;
  #line = '';
  #stderr = '';
  #isGone = false;

  /** @throws CandidateError where the system refuses the program at once */
  constructor(options: ProcessOptions) {
    const { command, cwd, leftovers } = options;
    this.#options = options;
    this.#child = spawned(command, cwd);
    this.#forget = leftovers.add(() => this.kill());
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#forget();
        this.#fail(this.#deathError(code, signal));
        this.#isGone = true;
        resolve();
      });
      this.#child.once('error', (cause) => {
        this.#forget();
        this.#fail(startError(cause));
        resolve();
      });
    });
    // That it has died is reported when it closes.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR);
    });
  }

  /** Undefined where it did not start. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Asks, and waits for the answer.
   * @param stop ends the process as soon as somebody asks to stop; without it, the answer is waited for
   * @throws CandidateError when it dies, takes too long, answers `error` or what is no answer; Interrupted
   */
  async ask<R extends Request>(request: R, stop?: StopRequest): Promise<Answers[R['do']]> {
    const what: R['do'] = request.do;
    const line = await this.#answer(request, stop);
    let answer;
    try {
      answer = readAnswer(what, line);
    } catch (cause) {
      const reason = `answers "${what}" wrongly: ${messageOf(cause)}`;
      throw this.#fail(new CandidateError(reason, PROTOCOL_FIX, { cause }));
    }
    if (!('error' in answer)) return answer;
    const ErrorClass = what === 'open' ? CandidateRefusal : CandidateError;
    throw new ErrorClass(answer.error, 'or leave it out of --backend and --rivals');
  }

  /** Waits for its end after its last answer; it is killed where it does not end. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, EXIT_MS);
    });
    await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    this.kill();
  }

  /** Ends it at once, with all that it has started. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    // What has gone may have left its number to another.
    if (pid === undefined || this.#isGone) return;
    try {
      if (process.platform !== 'win32') process.kill(-pid, 'SIGKILL');
      else if (exitCode === null && signalCode === null) this.#child.kill();
    } catch {
      // ESRCH: all of it has ended.
    }
  }

  #answer(request: Request, stop: StopRequest | undefined): Promise<string> {
    if (this.#failure) return Promise.reject(this.#failure);
    const { timeoutMs } = this.#options;
    return new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        const fix = 'try a smaller --batch, or leave it out';
        this.#fail(
          new CandidateError(`gives no answer to "${request.do}" within ${timeoutMs / 1000} s`, fix),
        );
      }, timeoutMs);
      const poll = stop && setInterval(() => this.#stopIf(stop), POLL_MS);
      const settled = (): void => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#pending = undefined;
      };
      this.#pending = {
        resolve: (line) => {
          settled();
          resolve(line);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
  }

  #stopIf({ aborted }: StopRequest): void {
    if (!aborted) return;
    this.kill();
    this.#pending?.reject(new Interrupted('stopped'));
  }

  #read(text: string): void {
    const [end, ...lines] = text.split('\n');
    this.#line += end;
    for (const line of lines) {
      this.#hear(this.#line);
      this.#line = line;
    }
    const { longestLine } = this.#options;
    if (this.#line.length > longestLine) {
      this.#fail(new CandidateError(`prints a line of more than ${longestLine} characters`, PROTOCOL_FIX));
    }
  }

  #hear(line: string): void {
    if (this.#pending) {
      this.#pending.resolve(line);
      return;
    }
    const shown = JSON.stringify(line.slice(0, 60));
    this.#fail(
      new CandidateError(`prints ${shown} without being asked`, 'print everything except answers to stderr'),
    );
  }

  /** The first failure is what is wrong with it; nothing that it says later counts. */
  #fail(error: CandidateError): CandidateError {
    this.#failure ??= error;
    this.#line = '';
    this.kill();
    this.#pending?.reject(this.#failure);
    return this.#failure;
  }

  #deathError(code: number | null, signal: NodeJS.Signals | null): CandidateError {
    const how = signal === null ? `exits with ${code}` : `is killed by ${signal}`;
    const said = lastLine(this.#stderr);
    const fix =
      signal === 'SIGKILL'
        ? 'the memory may not be enough: try a smaller --batch'
        : 'correct what it says, or leave it out';
    return new CandidateError(said === undefined ? how : `${how}: ${said}`, fix);
  }
}

/** Arguments that are too long, or no memory for a process, are thrown; other problems are an event. */
function spawned(command: readonly string[], cwd: string): ChildProcess {
  const [program, ...args] = command;
  try {
    return spawn(defined(program, 'the program of a candidate'), args, {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // A group of its own: a Ctrl-C in the terminal is not for it, and what it starts ends with it.
      detached: process.platform !== 'win32',
    });
  } catch (cause) {
    throw startError(cause);
  }
}

function startError(cause: unknown): CandidateError {
  const fix = 'check that the program is there and may be run';
  return new CandidateError(`does not start: ${messageOf(cause)}`, fix, { cause });
}

/** The line that says what was wrong: the last one of Python's traceback, or the one above Node's stack. */
function lastLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '' && !/^(at |Node\.js v|[{}])/.test(line));
}
