// Pending work that a disposal waits for: compilations, runs, reads.

/** The promises that have not settled yet. */
export class PendingWork {
  readonly #promises = new Set<Promise<unknown>>();

  /** Remembers a promise until it settles, and returns it. */
  add<T>(promise: Promise<T>): Promise<T> {
    this.#promises.add(promise);
    const forget = (): boolean => this.#promises.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  /** True if a promise is pending. */
  get busy(): boolean {
    return this.#promises.size > 0;
  }

  /** Resolves when every promise has settled, including those added meanwhile. Never rejects. */
  async settled(): Promise<void> {
    while (this.#promises.size > 0) await Promise.allSettled(this.#promises);
  }
}
