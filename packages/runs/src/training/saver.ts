// Saves while the training goes on: one thing after another, and of those that wait, the newest alone.

/** Work that writes files. */
export type Save = () => Promise<unknown>;

/** Writes in the background. Once a save there has failed, every call throws its error: what is not saved would be lost. */
export class Saver {
  #waiting: Save | undefined;
  #working: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** Saves as soon as what is under way is saved. It takes the place of a save that still waits. */
  later(save: Save): void {
    this.check();
    this.#waiting = save;
    this.#working ??= this.#work();
  }

  /** Saves now, after what is under way; what still waits is older, and dropped. */
  async now(save: Save): Promise<void> {
    this.#waiting = undefined;
    await this.settled();
    this.check();
    await save();
  }

  /** Resolves when nothing is under way, even after a failure. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** @throws the error of the save that failed, if one did */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  async #work(): Promise<void> {
    try {
      for (let save = this.#take(); save; save = this.#take()) await save();
    } catch (error) {
      this.#failure = { error };
    }
    this.#working = undefined;
  }

  #take(): Save | undefined {
    const save = this.#waiting;
    this.#waiting = undefined;
    return save;
  }
}
