// Generates unique names for the values or the nodes of a model.

/** The names already used for values or for nodes. */
export class Names {
  readonly #taken = new Set<string>();

  /** Returns the name, with the first free number appended if it is taken: `c1/Conv`, `c1/Conv_2`, ... */
  unique(base: string): string {
    let name = base;
    for (let i = 2; this.#taken.has(name); i++) name = `${base}_${i}`;
    this.#taken.add(name);
    return name;
  }
}
