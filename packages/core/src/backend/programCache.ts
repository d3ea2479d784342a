import type { Program } from './contract.ts';
import { BackendError } from '../errors.ts';

/** Compiled programs by key. Concurrent requests for one key share one compilation. */
export class ProgramCache implements AsyncDisposable {
  readonly #programs = new Map<string, Promise<Program>>();
  #disposed = false;

  /**
   * Returns the program for a key, compiling it on the first request. A failed compilation is retried on the next request.
   * @throws BackendError `DISPOSED` if the cache is disposed; any error of `compile`
   */
  async get(key: string, compile: () => Promise<Program>): Promise<Program> {
    if (this.#disposed) throw disposed(key);
    const known = this.#programs.get(key);
    if (known) return known;
    const made = compile();
    this.#programs.set(key, made);
    made.catch(() => this.#programs.delete(key));
    return made;
  }

  /** Disposes of all programs, including those still being compiled. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const compiled = await Promise.allSettled(this.#programs.values());
    this.#programs.clear();
    const programs = compiled.flatMap((made) => (made.status === 'fulfilled' ? [made.value] : []));
    await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
  }
}

function disposed(key: string): BackendError {
  return new BackendError('DISPOSED', `program "${key}": its owner is disposed`);
}
