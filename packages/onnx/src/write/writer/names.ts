// Names: of values or of nodes, each once in a model.

/** The names that are taken, of values or of nodes. */
export class Names {
  readonly #taken = new Set<string>();

  /** The name itself, or with the first free number behind it: `c1/Conv`, `c1/Conv_2`, ... */
  unique(base: string): string {
    let name = base;
    for (let i = 2; this.#taken.has(name); i++) name = `${base}_${i}`;
    this.#taken.add(name);
    return name;
  }
}
