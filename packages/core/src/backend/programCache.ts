// Compiled programs by key. Concurrent requests for one key share one compilation.
import type { Program } from './contract.ts';
import { BackendError } from '../errors.ts';

export class ProgramCache implements AsyncDisposable {
  readonly #programs = new Map<string, Promise<Program>>();
  #disposed = false;

  /**
   * The program of this key. What fails to compile is compiled again when it is wanted again.
   * @throws BackendError `DISPOSED` when the cache is disposed; what `compile` throws
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

  /** The programs that are compiled, by key. */
  async entries(): Promise<ReadonlyMap<string, Program>> {
    const settled = await Promise.all(
      [...this.#programs].map(async ([key, made]) => {
        const program = await made.catch(() => undefined);
        return program === undefined ? [] : [[key, program] as const];
      }),
    );
    return new Map(settled.flat());
  }

  /** Disposes of all programs, those that are still being compiled included. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const programs = await this.entries();
    this.#programs.clear();
    for (const program of programs.values()) await program[Symbol.asyncDispose]();
  }
}

function disposed(key: string): BackendError {
  return new BackendError('DISPOSED', `program "${key}": its owner is disposed`);
}
