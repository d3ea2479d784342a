// Communicates with a rival as the bench does: one JSON line per request and answer.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Answers, Failed, Request } from '../../src/protocol.ts';

/** The time in which a rival must end after its input. */
const PATIENCE = 10_000;

/** The process of a rival. */
export class Driver implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string, undefined>;
  #errors = '';

  constructor(command: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Returns the answer to a request, which may be an error. */
  async ask<R extends Request>(request: R): Promise<Answers[R['do']] | Failed> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done }: IteratorResult<string, undefined> = await this.#answers.next();
    if (done === true) throw new Error(`the rival ended without an answer\n${this.#errors}`);
    return JSON.parse(value) as Answers[R['do']] | Failed;
  }

  /** Like {@link ask}, but throws an error of the rival. */
  async get<R extends Request>(request: R): Promise<Answers[R['do']]> {
    const answer = await this.ask(request);
    if ('error' in answer) throw new Error(`${answer.error}\n${this.#errors}`);
    return answer;
  }

  /** Closes its input, as when the bench is killed. @returns its exit code; null if it must be killed */
  async end(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    this.#child.stdin?.end();
    const code = await ended;
    clearTimeout(timer);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await new Promise((resolve) => this.#child.once('close', resolve));
  }
}
