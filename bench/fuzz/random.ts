// The random generator of the fuzzers. A case is a function of (seed, target, index) alone, so that it can be reproduced without the
// cases before it. This is not isonet's own generator: only speed matters here, and no bits are promised.

/** Makes random choices, the same ones for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Creates the generator of one case. */
  static of(seed: number, target: string, index: number): Random {
    // FNV-1a, so that cases that differ in any of the three start with unrelated states.
    let hash = 0x811c9dc5;
    for (const char of `${seed}/${target}/${index}`) {
      hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    }
    return new Random(hash);
  }

  /** Returns an integer from 0 to 2^32 - 1 (splitmix32). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** Returns an integer from 0 to `n - 1`. */
  below(n: number): number {
    return Math.floor((this.next() / 2 ** 32) * n);
  }

  /** Returns true with probability 1 / `n`. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** Returns a random element of a list. */
  pick<const L extends readonly [unknown, ...unknown[]]>(list: L): L[number];
  pick<T>(list: readonly T[]): T | undefined;
  pick(list: readonly unknown[]): unknown {
    return list[this.below(list.length)];
  }

  /** Returns random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
