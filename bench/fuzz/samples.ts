// Reads the small valid files that the fuzzers start from.
import { readFileSync } from 'node:fs';

/** Returns the bytes of a file in samples/. */
export function sample(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`samples/${name}`, import.meta.url)));
}

/** Returns the text of a file in samples/. */
export function sampleText(name: string): string {
  return new TextDecoder().decode(sample(name));
}
