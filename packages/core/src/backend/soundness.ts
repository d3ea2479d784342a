// The soundness of a state: which failures of runs and writes still matter. A failed run poisons its state until everything that
// it was updating is written; a failure may show long after later jobs were handed over.
import { BackendError } from '../errors.ts';

/** A run or a write: the entries that it updates, and when it began. */
export interface Work {
  readonly names: readonly string[];
  readonly began: number;
}

export class Soundness {
  /** Counts runs and writes, so that a failure that shows late is dated by its beginning. */
  #time = 0;
  #lastWrite = 0;
  /** When each entry was last written. */
  readonly #written = new Map<string, number>();
  /** Work under way: its failure spoils what was handed over after it. */
  readonly #pending = new Map<Work, Promise<unknown>>();
  /** The first failure that no write has healed yet, and the entries that must be written. */
  #failure: { readonly cause: unknown; readonly damaged: Set<string> } | undefined;

  /** A run begins. */
  begin(names: readonly string[]): Work {
    return { names, began: ++this.#time };
  }

  /** A write: its entries are well again. */
  wrote(names: readonly string[]): Work {
    const work = this.begin(names);
    for (const name of names) {
      this.#written.set(name, work.began);
      this.#failure?.damaged.delete(name);
    }
    this.#lastWrite = work.began;
    if (this.#failure?.damaged.size === 0) this.#failure = undefined;
    for (const pending of this.#pending.keys()) if (this.#isHealed(pending)) this.#pending.delete(pending);
    return work;
  }

  /** Work that is not over yet. It must be told when it fails. */
  track(work: Work, done: Promise<unknown>): void {
    this.#pending.set(work, done);
    done.then(
      () => this.#pending.delete(work),
      () => undefined,
    );
  }

  /** Work has failed: what it was updating is damaged, unless it was written since. */
  fail(work: Work, cause: unknown): void {
    this.#pending.delete(work);
    if (this.#isHealed(work)) return;
    const damaged = work.names.filter((name) => !this.#wasWritten(name, work.began));
    const before = this.#failure;
    this.#failure = {
      cause: before ? before.cause : cause,
      damaged: new Set([...(before ? before.damaged : []), ...damaged]),
    };
  }

  /**
   * Resolves when everything under way went well; rejects with POISONED, which the caller handles.
   * @throws BackendError `POISONED` at once when a failure is known that no write has healed
   */
  check(): Promise<unknown> {
    if (this.#failure) throw poisoned(this.#failure.cause);
    return Promise.all(this.#pending.values()).catch((cause: unknown) => {
      throw poisoned(cause);
    });
  }

  /** Whether a failure would not matter any more: everything that it may damage was written since it began. */
  #isHealed({ names, began }: Work): boolean {
    if (names.length === 0) return this.#lastWrite > began;
    return names.every((name) => this.#wasWritten(name, began));
  }

  #wasWritten(name: string, since: number): boolean {
    const time = this.#written.get(name);
    return time !== undefined && time > since;
  }
}

function poisoned(cause: unknown): BackendError {
  const message = 'state: a run on it failed; write what that run updates before it is used again';
  return new BackendError('POISONED', message, { cause });
}
