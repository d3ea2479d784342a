// Runs a candidate as a process: requests go to its stdin, and answers come from its stdout, one per line. If the process dies, does not
// answer or prints something else, only this candidate fails, and the others continue.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { defined, messageOf } from '@isonet/core';
import type { Answers, Request } from '../protocol.ts';
import { readAnswer } from './answers.ts';
import type { Leftovers } from './leftovers.ts';

/** The failure of a candidate, with a fix. */
export class CandidateError extends Error {
  override readonly name: string = 'CandidateError';
  readonly fix: string;

  constructor(reason: string, fix: string, options?: ErrorOptions) {
    super(reason, options);
    this.fix = fix;
  }
}

/** The refusal of a candidate to open, because it cannot do the work on this machine. */
export class CandidateRefusal extends CandidateError {
  override readonly name = 'CandidateRefusal';
}

/** Thrown when the user stops the benchmark outside a timed turn. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The command of a candidate, and its limits. */
export interface ProcessOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The time limit for one answer. */
  readonly timeoutMs: number;
  /** The maximum length of an answer, in characters. */
  readonly longestLine: number;
  /** Kills the candidate if this process ends early. */
  readonly leftovers: Leftovers;
}

/** A request to stop, such as an AbortSignal. */
export interface StopRequest {
  readonly aborted: boolean;
}

/** The fix for a program that violates the protocol. */
export const PROTOCOL_FIX = 'correct the program: protocol.ts of @isonet/bench defines the answers';

/** The part of stderr that is kept, in characters: the error of a process that dies quotes it. */
const KEPT_STDERR = 8192;
/** The time in which a process must exit after its last answer. */
const EXIT_MS = 2000;
/** The interval between checks for a request to stop. */
const POLL_MS = 100;

interface Pending {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** The process of a candidate. It handles one request at a time. */
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

  /** Starts the process. @throws CandidateError if the system rejects the program at once */
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
    // Writing to a dead process fails; `close` reports its death.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR);
    });
  }

  /** Undefined if the process did not start. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Sends a request, and waits for the answer.
   * @param stop kills the process as soon as it is aborted; without it, the process may finish its answer
   * @throws CandidateError if the process dies, exceeds the time limit, or sends an error or an invalid answer; Interrupted
   */
  async ask<R extends Request>(request: R, stop?: StopRequest): Promise<Answers[R['do']]> {
    const what: R['do'] = request.do;
    const line = await this.#answer(request, stop);
    let answer;
    try {
      answer = readAnswer(what, line);
    } catch (cause) {
      const reason = `sent an invalid answer to "${what}": ${messageOf(cause)}`;
      throw this.#fail(new CandidateError(reason, PROTOCOL_FIX, { cause }));
    }
    if (!('error' in answer)) return answer;
    const ErrorClass = what === 'open' ? CandidateRefusal : CandidateError;
    throw new ErrorClass(answer.error, 'or leave the candidate out of --backend and --rivals');
  }

  /** Waits for the process to exit after its last answer, and kills it if it does not. */
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

  /** Kills the process and its child processes. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    // Another process may have the id of one that has ended.
    if (pid === undefined || this.#isGone) return;
    try {
      if (process.platform !== 'win32') process.kill(-pid, 'SIGKILL');
      else if (exitCode === null && signalCode === null) this.#child.kill();
    } catch {
      // ESRCH: the whole process group has ended.
    }
  }

  #answer(request: Request, stop: StopRequest | undefined): Promise<string> {
    if (this.#failure) return Promise.reject(this.#failure);
    const { timeoutMs } = this.#options;
    return new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        const fix = 'try a smaller --batch, or leave the candidate out';
        this.#fail(new CandidateError(`did not answer "${request.do}" within ${timeoutMs / 1000} s`, fix));
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
      this.#fail(new CandidateError(`printed a line of more than ${longestLine} characters`, PROTOCOL_FIX));
    }
  }

  #hear(line: string): void {
    if (this.#pending) {
      this.#pending.resolve(line);
      return;
    }
    const shown = JSON.stringify(line.slice(0, 60));
    this.#fail(
      new CandidateError(`printed ${shown} without a request`, 'print to stderr everything except answers'),
    );
  }

  /** Records the first failure and kills the process. Later failures and output are ignored. */
  #fail(error: CandidateError): CandidateError {
    this.#failure ??= error;
    this.#line = '';
    this.kill();
    this.#pending?.reject(this.#failure);
    return this.#failure;
  }

  #deathError(code: number | null, signal: NodeJS.Signals | null): CandidateError {
    const how = signal === null ? `exited with ${code}` : `was killed by ${signal}`;
    const said = lastLine(this.#stderr);
    const fix =
      signal === 'SIGKILL'
        ? 'it may have run out of memory: try a smaller --batch'
        : 'fix this error, or leave the candidate out';
    return new CandidateError(said === undefined ? how : `${how}: ${said}`, fix);
  }
}

/** Spawns the process. Arguments that are too long, or a lack of memory, throw an error; other problems emit an event. */
function spawned(command: readonly string[], cwd: string): ChildProcess {
  const [program, ...args] = command;
  try {
    return spawn(defined(program, 'the program of a candidate'), args, {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // In its own process group: Ctrl-C in the terminal does not reach it, and its child processes are killed with it.
      detached: process.platform !== 'win32',
    });
  } catch (cause) {
    throw startError(cause);
  }
}

function startError(cause: unknown): CandidateError {
  const fix = 'check that the program exists and is executable';
  return new CandidateError(`did not start: ${messageOf(cause)}`, fix, { cause });
}

/** Returns the line with the error: the last line of a Python traceback, or the line above a Node stack. */
function lastLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '' && !/^(at |Node\.js v|[{}])/.test(line));
}
