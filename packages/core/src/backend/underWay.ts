// Work that a disposal has to wait for: programs being compiled, runs, reads.

/** Promises that have not settled yet. */
export class UnderWay {
  readonly #promises = new Set<Promise<unknown>>();

  /** Remembers a promise until it settles, and returns it. */
  add<T>(promise: Promise<T>): Promise<T> {
    this.#promises.add(promise);
    const forget = (): boolean => this.#promises.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  /** Whether there is anything to wait for. */
  get busy(): boolean {
    return this.#promises.size > 0;
  }

  /** Resolves when every promise has settled, also those added in the meantime. Never rejects. */
  async settled(): Promise<void> {
    while (this.#promises.size > 0) await Promise.allSettled(this.#promises);
  }
}
