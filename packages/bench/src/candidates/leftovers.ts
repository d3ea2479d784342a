// Removes candidate processes and temporary folders, no matter how the benchmark ends. `process.exit` runs only
// synchronous listeners, so the removal is synchronous.
import { rmSync } from 'node:fs';

/** The set of removals to run at the end. Each is a synchronous function that may run when there is nothing to remove. */
export class Leftovers implements Disposable {
  readonly #removals = new Set<() => void>();
  readonly #onExit = (): void => this.#removeAll();

  constructor() {
    process.once('exit', this.#onExit);
  }

  /** Adds a removal. @returns a function that cancels it */
  add(remove: () => void): () => void {
    this.#removals.add(remove);
    return () => {
      this.#removals.delete(remove);
    };
  }

  /** Adds the removal of a folder with its contents. */
  addFolder(path: string): void {
    this.add(() => rmSync(path, { recursive: true, force: true }));
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#onExit);
    this.#removeAll();
  }

  #removeAll(): void {
    for (const remove of this.#removals) {
      try {
        remove();
      } catch {
        // A failed removal must not prevent the others.
      }
    }
    this.#removals.clear();
  }
}
