// Saves in the background while training continues: one save at a time, keeping only the newest of those that wait.

/** Work that writes files. */
export type Save = () => Promise<unknown>;

/** Runs saves in the background. After one has failed, every call throws its error, because unsaved work would be lost. */
export class Saver {
  #waiting: Save | undefined;
  #working: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** Schedules a save to run after the current one. It replaces a save that is still waiting. */
  later(save: Save): void {
    this.check();
    this.#waiting = save;
    this.#working ??= this.#work();
  }

  /** Runs a save as soon as the current one is done, and drops an older save that is still waiting. */
  async now(save: Save): Promise<void> {
    this.#waiting = undefined;
    await this.settled();
    this.check();
    await save();
  }

  /** Resolves when no save is in progress, even after a failure. */
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
