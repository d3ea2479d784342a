// The generator of the fuzzers: a case is a function of (seed, target, index) alone, so that any one can be made again without
// those before it. Not isonet's own: its speed is what counts here, and no bits are promised.

/** Random choices; the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The generator of one case. */
  static of(seed: number, target: string, index: number): Random {
    // FNV-1a: cases that differ in anything begin far apart.
    let hash = 0x811c9dc5;
    for (const char of `${seed}/${target}/${index}`) {
      hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    }
    return new Random(hash);
  }

  /** A whole number from 0 to 2^32 - 1 (splitmix32). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** A whole number from 0 to `n - 1`. */
  below(n: number): number {
    return Math.floor((this.next() / 2 ** 32) * n);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** One of a list. */
  pick<const L extends readonly [unknown, ...unknown[]]>(list: L): L[number];
  pick<T>(list: readonly T[]): T | undefined;
  pick(list: readonly unknown[]): unknown {
    return list[this.below(list.length)];
  }

  /** Bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
