// Prepared images in memory, up to a number of bytes. What came first stays: an epoch asks for every image once, in another order each
// time, so that throwing out the oldest would throw out what is wanted next, and keep no more.
import { totalmem } from 'node:os';

const MAX_DEFAULT = 512 * 2 ** 20;

/** 512 MiB, or a quarter of the machine's memory where that is less. */
export function defaultCacheBytes(): number {
  return Math.min(MAX_DEFAULT, Math.floor(totalmem() / 4));
}

/** Images by the path of their file. */
export class ImageCache {
  readonly #images: Map<string, Uint8Array> = new Map();
  readonly #capacity: number;
  #bytes = 0;

  /** @param capacity in bytes; 0 keeps nothing */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Shared: do not write. */
  get(file: string): Uint8Array | undefined {
    return this.#images.get(file);
  }

  /** Keeps an image, if there is room. */
  add(file: string, image: Uint8Array): void {
    if (this.#images.has(file) || this.#bytes + image.length > this.#capacity) return;
    this.#images.set(file, image);
    this.#bytes += image.length;
  }

  clear(): void {
    this.#images.clear();
    this.#bytes = 0;
  }
}
