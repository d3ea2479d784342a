// A cache of preprocessed images in memory, limited in bytes. It never evicts images: every epoch requests each image
// once, in a new order, so evicting the oldest images would not raise the hit rate.
import { totalmem } from 'node:os';

const MAX_DEFAULT = 512 * 2 ** 20;

/** Returns 512 MiB, or a quarter of the machine's memory if that is less. */
export function defaultCacheBytes(): number {
  return Math.min(MAX_DEFAULT, Math.floor(totalmem() / 4));
}

/** A cache of images by the paths of their files. */
export class ImageCache {
  readonly #images: Map<string, Uint8Array> = new Map();
  readonly #capacity: number;
  #bytes = 0;

  /** @param capacity the size in bytes; 0 disables the cache */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Returns a cached image, which is shared: do not modify it. */
  get(file: string): Uint8Array | undefined {
    return this.#images.get(file);
  }

  /** Adds an image if there is space. */
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
