// The files that the fuzzers begin with: each is valid, and small.
import { readFileSync } from 'node:fs';

/** The bytes of a file in samples/. */
export function sample(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`samples/${name}`, import.meta.url)));
}

/** The same as text. */
export function sampleText(name: string): string {
  return new TextDecoder().decode(sample(name));
}
