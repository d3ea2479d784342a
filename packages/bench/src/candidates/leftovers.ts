// Removes candidate processes and temporary folders, however the benchmark ends. A process that is ended by `process.exit` runs nothing but synchronous listeners; they do it then.
import { rmSync } from 'node:fs';

/** What is to be removed, by functions that work synchronously and may be called when there is nothing left to do. */
export class Leftovers implements Disposable {
  readonly #removals = new Set<() => void>();
  readonly #onExit = (): void => this.#removeAll();

  constructor() {
    process.once('exit', this.#onExit);
  }

  /** @returns what forgets it, once it is gone */
  add(remove: () => void): () => void {
    this.#removals.add(remove);
    return () => {
      this.#removals.delete(remove);
    };
  }

  /** A folder with all that is in it. */
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
        // One that cannot be removed must not keep the others.
      }
    }
    this.#removals.clear();
  }
}
