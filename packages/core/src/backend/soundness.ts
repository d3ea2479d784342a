// Tracks the soundness of a state, i.e. the failures that still affect it. A failed run or write poisons the
// state until every entry that it was updating is written again. A failure may surface long after later jobs
// were submitted.
import { BackendError } from '../errors.ts';

/** A run or a write: the entries that it updates, and when it started. */
export interface Work {
  readonly names: readonly string[];
  readonly startedAt: number;
}

export class Soundness {
  /**
   * Counts runs and writes. The count at the start of a job orders the job's failure, which may surface late.
   */
  #time = 0;
  #lastWrite = 0;
  /** The time of each entry's last write. */
  readonly #written = new Map<string, number>();
  /** Work in progress: its failure invalidates every job submitted after it. */
  readonly #pending = new Map<Work, Promise<unknown>>();
  /** The first unrepaired failure, and the entries that a write must restore. */
  #failure: { readonly cause: unknown; readonly damaged: Set<string> } | undefined;

  /** Records the start of a run. */
  start(names: readonly string[]): Work {
    return { names, startedAt: ++this.#time };
  }

  /** Records a write, which restores its entries. */
  wrote(names: readonly string[]): Work {
    const work = this.start(names);
    for (const name of names) {
      this.#written.set(name, work.startedAt);
      this.#failure?.damaged.delete(name);
    }
    this.#lastWrite = work.startedAt;
    if (this.#failure?.damaged.size === 0) this.#failure = undefined;
    for (const pending of this.#pending.keys()) if (this.#isHealed(pending)) this.#pending.delete(pending);
    return work;
  }

  /** Tracks unfinished work. The caller must report its failure to `fail`. */
  track(work: Work, done: Promise<unknown>): void {
    this.#pending.set(work, done);
    done.then(
      () => this.#pending.delete(work),
      () => undefined,
    );
  }

  /** Records a failure: the entries that the work was updating are damaged, unless written since. */
  fail(work: Work, cause: unknown): void {
    this.#pending.delete(work);
    if (this.#isHealed(work)) return;
    const damaged = work.names.filter((name) => !this.#wasWritten(name, work.startedAt));
    const before = this.#failure;
    this.#failure = {
      cause: before ? before.cause : cause,
      damaged: new Set([...(before ? before.damaged : []), ...damaged]),
    };
  }

  /**
   * Resolves when all work in progress succeeds; rejects with POISONED otherwise.
   * @throws BackendError `POISONED` immediately if there is an unrepaired failure
   */
  check(): Promise<unknown> {
    if (this.#failure) throw poisoned(this.#failure.cause);
    return Promise.all(this.#pending.values()).catch((cause: unknown) => {
      throw poisoned(cause);
    });
  }

  /** Returns true if a failure no longer matters: everything that it could damage has been written since it started. */
  #isHealed({ names, startedAt }: Work): boolean {
    if (names.length === 0) return this.#lastWrite > startedAt;
    return names.every((name) => this.#wasWritten(name, startedAt));
  }

  #wasWritten(name: string, since: number): boolean {
    const time = this.#written.get(name);
    return time !== undefined && time > since;
  }
}

function poisoned(cause: unknown): BackendError {
  const message =
    'state: an earlier run failed; write every value that it updates before using the state again';
  return new BackendError('POISONED', message, { cause });
}
